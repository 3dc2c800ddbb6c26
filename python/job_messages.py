"""What goes over the wire between submitters and workers of a job queue, in CBOR.

In Rust: crates/job-queue/src/messages.rs, which lists all messages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import cbor2

from texts import printable

# The version of these messages. A run that has another one is refused, with a note.
VERSION = 2

# The class of the errors that are results; or several, by the names of the variants that
# they are in Rust.
Raises = type[Exception] | dict[str, type[Exception]]


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


def job_of(arguments: Sequence[Any]) -> bytes:
    """A job: its arguments. Those that have `to_message` say themselves how."""
    return encode([as_sent(argument) for argument in arguments])


def as_sent(value: Any) -> Any:
    """An argument or a result as it is sent."""
    to_message = getattr(value, "to_message", None)
    return to_message() if to_message else value


def all_failed(why: str) -> bytes:
    """The answer to a job if all its arguments failed for the same reason."""
    return encode([{"failed": why}])


def results_in(
    answer: bytes, arguments: Sequence[Any], raises: Raises | None, returns: Any
) -> list[Any]:
    """The results in the answer to a job. A failure is an exception among them."""
    try:
        answers = decode(answer)
        if len(answers) == 1 and "failed" in answers[0]:
            answers *= len(arguments)
        pairs = zip(answers, arguments, strict=True)
        return [_result_in(one, argument, raises, returns) for one, argument in pairs]
    except Exception as error:
        # It comes from another program, and may be anything.
        why = f"not an answer to this job: {printable(str(error))}"
        return [JobError(why)] * len(arguments)


def _result_in(answer: Any, argument: Any, raises: Raises | None, returns: Any) -> Any:
    [(kind, value)] = answer.items()
    if kind == "failed":
        return JobError(printable(value))
    if kind != "returned":
        raise ValueError(f"{kind!r} is no kind of answer")
    if raises is None:
        return _as_returned(value, returns)
    # It is a `Result` in Rust.
    [(kind, value)] = value.items()
    if kind == "Ok":
        return _as_returned(value, returns)
    if kind != "Err":
        raise ValueError(f"{kind!r} is neither 'Ok' nor 'Err'")
    return _error_in(value, argument, raises)


def _as_returned(value: Any, returns: Any) -> Any:
    """A value as the function returned it, which the annotation `returns` describes."""
    from_message = getattr(returns, "from_message", None)
    return from_message(value) if from_message else value


def _error_in(message: Any, argument: Any, raises: Raises) -> Any:
    if isinstance(raises, dict):
        [(variant, message)] = message.items()
        return _error_in(message, argument, raises[variant])
    from_message = getattr(raises, "from_message", None)
    return from_message(message, argument) if from_message else raises(message)


def error_as_sent(error: BaseException, argument: Any, raises: Raises | None) -> Any:
    """An error of these classes as it is sent. Any other one is raised."""
    if isinstance(raises, dict):
        for variant, its_class in raises.items():
            if isinstance(error, its_class):
                return {variant: error_as_sent(error, argument, its_class)}
    elif raises and isinstance(error, raises):
        to_message = getattr(error, "to_message", None)
        return to_message(argument) if to_message else str(error)
    raise error


# Subjects. A `token` is a function in them; a run and a number are texts.


def token(name: str) -> str:
    """The name of a function as a part of a subject, and as the name of its consumer."""
    escaped = re.sub(
        rb"[^a-zA-Z0-9_:]", lambda found: b"=%02X" % ord(found[0]), name.encode()
    )
    return escaped.decode().replace("::", "-").replace(":", "=3A")


def job_subject(token: str, run: str, number: object) -> str:
    return f"jobs.{token}.{run}.{number}"


def result_subject(run: str, number: object) -> str:
    return f"results.{run}.{number}"


def death_subject(run: str, number: object, id: str) -> str:
    return f"results.{run}.{number}.{id}"


def working_subject(run: str) -> str:
    return f"working.{run}"
