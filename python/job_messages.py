"""The messages between submitters and workers of a job queue, in JSON.

In Rust: crates/job-queue/src/messages.rs, where all messages are listed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

# The version of these messages. A message of another version is ignored, with a note.
VERSION = 1

# After this time without a word from its worker, a job is given to another one.
ACK_WAIT = 5.0

# How long one request to the server waits for a message.
TURN = 1.0


class JobError(Exception):
    """Why a job has no result."""


def dump(message: Any) -> bytes:
    """Write a message, or an object that has `to_message`."""
    if to_message := getattr(message, "to_message", None):
        message = to_message()
    return json.dumps(message).encode()


def read(message: bytes, *texts: str) -> dict[str, Any]:
    """Read a message of this version; raises `ValueError` for anything else."""
    content = json.loads(message)
    if not isinstance(content, dict) or not isinstance(content.get("version"), int):
        raise ValueError("it speaks no version of the messages")
    if (version := content["version"]) != VERSION:
        raise ValueError(
            f"it speaks version {version} of the messages, and this program version "
            f"{VERSION}"
        )
    for text in texts:
        # It may be printed.
        if not isinstance(content.get(text), str) or not content[text].isprintable():
            raise ValueError(f"its message has no {text}")
    return content


def read_answer(message: bytes, argument: Any, raises: type[Exception]) -> Any:
    """Read the answer to a job: its result, or an exception."""
    try:
        [(kind, what)] = json.loads(message).items()
        if kind == "raised":
            from_message = getattr(raises, "from_message", None)
            return from_message(what, argument) if from_message else raises(what)
        return {"returned": what, "failed": JobError(what)}[kind]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return JobError(f"not an answer to this job: {error}")


async def take(
    client: Client, stream: str, consumer: str, time_to_wait: float
) -> Msg | None:
    """Take the next message, if there is one in time.

    This is one request for one message. The `fetch` of nats-py leaves a late message in
    a queue of its own, where it is lost.
    """
    request = {"batch": 1, "expires": int(time_to_wait * 1e9)}
    message = await client.request(
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        dump(request),
        timeout=time_to_wait + TURN,
        # With an inbox for this request: the message then has the subject of the job.
        old_style=True,
    )
    is_status = "Status" in (message.headers or {})
    return None if is_status else message


def lost() -> tuple[type[Exception], ...]:
    """The exceptions that mean a lost connection, or a lost queue."""
    from nats.errors import Error

    return Error, OSError
