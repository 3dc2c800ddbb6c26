"""Errors and addresses as text, for everything that is printed or traced."""

import re

PASSWORD = re.compile(r"(://[^/?#\s:]*:)[^/?#\s]*@")


def without_passwords(text: str) -> str:
    """Hide every password in an address: `http://user:***@host/`."""
    return PASSWORD.sub(r"\1***@", text)


def last_cause(error: BaseException) -> str:
    """Why something failed: the libraries wrap the cause in several exceptions."""
    cause: BaseException | None = error
    while cause:
        # asyncio raises one without a text, and because of a `CancelledError`.
        if isinstance(cause, TimeoutError):
            return "timed out (--timeout)"
        error = cause
        cause = error.__cause__ or error.__context__
    # In one line: it may be what a server has sent.
    return " ".join(str(error).split()) or type(error).__name__
