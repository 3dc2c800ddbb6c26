"""What submitters and workers of a job queue say to each other, in JSON.

In Rust: crates/job-queue/src/messages.rs, where all messages are listed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

# The version of these messages. Whoever hears another one leaves it alone, and says so.
VERSION = 1

# A job of which nobody says anything for this time is given to another worker.
ACK_WAIT = 5.0

# How long one asks the server for a message in one go.
TURN = 1.0


class JobError(Exception):
    """Why a job has no result, in words."""


def dump(message: Any) -> bytes:
    """Write a message, or what makes one of itself."""
    if to_message := getattr(message, "to_message", None):
        message = to_message()
    return json.dumps(message).encode()


def read(message: bytes, *texts: str) -> dict[str, Any]:
    """Read a message of this version; raises `ValueError` where it is none."""
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
    """Read what has become of a job: its result, or an exception."""
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

    This is one request for one message. The `fetch` of nats-py leaves a message that
    comes late in a queue of its own, where nobody works at it.
    """
    request = {"batch": 1, "expires": int(time_to_wait * 1e9)}
    message = await client.request(
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        dump(request),
        timeout=time_to_wait + TURN,
        # With an inbox of its own: what comes has the subject of the job.
        old_style=True,
    )
    is_status = "Status" in (message.headers or {})
    return None if is_status else message


def lost() -> tuple[type[Exception], ...]:
    """What is raised where the connection is lost for a while, or the queue is."""
    from nats.errors import Error

    return Error, OSError
