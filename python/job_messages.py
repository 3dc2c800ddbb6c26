"""What goes over the wire between submitters and workers of a job queue, in CBOR.

In Rust: crates/job-queue/src/messages.rs, which lists all messages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import cbor2

from texts import printable

# The version of these messages. A run that has another one is refused, with a note.
VERSION = 2


class JobError(Exception):
    """Why a job has no result, in words."""


def encode(message: Any) -> bytes:
    return cbor2.dumps(message)


def decode(message: bytes) -> Any:
    """Read a message, to its end."""
    stream = BytesIO(message)
    value = cbor2.load(stream)
    if rest := stream.read():
        raise ValueError(f"{len(rest)} bytes follow it")
    return value


def job_of(arguments: list[Any]) -> bytes:
    """A job: its arguments. Those that have `to_message` say themselves how."""
    return encode([_as_sent(argument) for argument in arguments])


def all_failed(count: int, why: str) -> bytes:
    """The answer to a job of `count` arguments that all failed for the same reason."""
    return encode([{"failed": why}] * count)


def results_in(
    answer: bytes, arguments: list[Any], raises: type[Exception] | None
) -> list[Any]:
    """The results in the answer to a job. A failure is an exception among them."""
    try:
        answers = decode(answer)
        if len(answers) != len(arguments):
            raise ValueError(f"it has {len(answers)} results of {len(arguments)}")
        pairs = zip(answers, arguments, strict=True)
        return [_result_in(one, argument, raises) for one, argument in pairs]
    except Exception as error:
        # It comes from another program, and may be anything.
        why = printable(str(error))
        return [JobError(f"not an answer to this job: {why}")] * len(arguments)


def _result_in(answer: Any, argument: Any, raises: type[Exception] | None) -> Any:
    [(kind, value)] = answer.items()
    if kind == "failed":
        return JobError(printable(value))
    if kind != "returned":
        raise ValueError(f"{kind!r} is no kind of result")
    if raises is None:
        return value
    [(kind, value)] = value.items()
    if kind == "Ok":
        return value
    if kind != "Err":
        raise ValueError(f"{kind!r} is neither 'Ok' nor 'Err'")
    from_message = getattr(raises, "from_message", None)
    return from_message(value, argument) if from_message else raises(value)


def _as_sent(value: Any) -> Any:
    to_message = getattr(value, "to_message", None)
    return to_message() if to_message else value


# Names and subjects


def name_of(function: Callable[..., Any]) -> str:
    """The name of a function for all programs: `PROGRAM::FUNCTION`, as in Rust."""
    program = Path(sys.argv[0]).stem.replace("-", "_")
    return f"{program}::{function.__name__}"


def token(name: str) -> str:
    """A name as a part of a subject, and as the name of a consumer."""
    parts = [re.sub(rb"[^a-zA-Z0-9_]", _escape, part) for part in _parts(name)]
    return b"-".join(parts).decode()


def _parts(name: str) -> list[bytes]:
    return name.encode().split(b"::")


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=%02X" % ord(found[0])


def name_in(token: str) -> str:
    """The name that a token is made of."""
    return unquote(token.replace("-", "::").replace("=", "%"))


def job_subject(token: str, run: str, number: object) -> str:
    return f"jobs.{token}.{run}.{number}"


def result_subject(run: str, number: object) -> str:
    return f"results.{run}.{number}"


def death_subject(run: str, number: int, death: str) -> str:
    return f"results.{run}.{number}.{death}"


def working_subject(run: str) -> str:
    return f"working.{run}"
