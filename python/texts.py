"""Errors and addresses as text, for everything that is printed or traced."""

import re
import unicodedata
from contextlib import suppress
from http import HTTPStatus

PASSWORD = re.compile(r"://([^/?#\s:@]*:)?[^/?#\s]*@")
TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_passwords(text: str) -> str:
    """Hide every password in an address: `http://user:***@host/`.

    A user without a password is hidden too: it may be a token.
    """
    return PASSWORD.sub(lambda found: f"://{found[1] or ''}***@", text)


def printable(text: str) -> str:
    """Text from elsewhere, fit for a terminal: control characters become `\\u{…}`."""
    return "".join(
        character if _is_harmless(character) else f"\\u{{{ord(character):x}}}"
        for character in text
    )


def _is_harmless(character: str) -> bool:
    """Whether a character neither acts on a terminal nor turns the direction."""
    is_control = unicodedata.category(character) in ("Cc", "Cs")
    return not is_control and not TURNS.match(character)


def last_cause(error: BaseException) -> str:
    """Why something failed: the libraries wrap the cause in several exceptions."""
    cause: BaseException | None = error
    while cause:
        # That of asyncio has no text. That of the system has a number, and its own limit.
        if isinstance(cause, TimeoutError) and cause.errno is None:
            return "timed out (--timeout)"
        error = cause
        cause = error.__cause__
        if not cause and not error.__suppress_context__:
            cause = error.__context__
    # The errors of `raise_for_status`, which each HTTP library words in its own way.
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if status >= 400:
        return f"the server answered {_with_phrase(status)}"
    # In one line: it may be what a server has sent.
    return " ".join(str(error).split()) or type(error).__name__


def _with_phrase(status: int) -> str:
    """A status with its name: `404 Not Found`."""
    with suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return str(status)
