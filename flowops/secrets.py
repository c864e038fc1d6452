"""Values that may be used but never shown.

A secret has two faces: the text everybody may see, and the value that only a
target, or ``render --with-secrets``, may open. Text that contains a secret is
itself a secret, so redaction cannot be forgotten further down.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

USERNAME_REDACTED = "<username_redacted>"
PASSWORD_REDACTED = "<password_redacted>"
VALUE_REDACTED = "<value_redacted>"
REDACTION = re.compile(r"<[A-Za-z0-9_.-]+_redacted>")
# RFC 3986, section 3.2.1; what is no address ends at a space or a quote.
_USER_INFO = re.compile(r"""(://)([^\s/?\#'"`]+)@""")


class Secret:
    """A value whose text form is its redaction.

    Two secrets are equal when their visible texts are: what cannot be seen
    cannot be compared. A secret refuses to be pickled or serialised.
    """

    __slots__ = ("__reveal", "__text")

    def __init__(self, value: str | Callable[[], str], text: str) -> None:
        """Seal a value, or a function that fetches it, behind a visible text."""
        self.__reveal = value
        self.__text = text

    def open(self) -> str:
        """Return the value; only a target or an explicit request may call this."""
        reveal = self.__reveal
        return reveal if isinstance(reveal, str) else reveal()

    def __str__(self) -> str:
        """Return the visible text."""
        return self.__text

    def __repr__(self) -> str:
        """Return the visible text, marked as a secret."""
        return f"Secret({self.__text!r})"

    def __format__(self, specification: str) -> str:
        """Format the visible text."""
        return format(self.__text, specification)

    def __eq__(self, other: object) -> bool:
        """Compare visible texts only."""
        return isinstance(other, Secret) and str(other) == self.__text

    def __hash__(self) -> int:
        """Hash the visible text only."""
        return hash((Secret, self.__text))

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied out of the process."""
        message = "a secret cannot be serialised"
        raise TypeError(message)


def is_redaction(text: str) -> bool:
    """Tell whether a text is nothing but the trace of an earlier redaction."""
    return REDACTION.fullmatch(text) is not None


def mask_user_info(text: str, is_harmless: Callable[[str], bool] = is_redaction) -> str:
    """Hide the logins in the addresses of a text: ``https://user:password@host``.

    ``is_harmless`` tells of a name or a password that may be seen.
    """

    def replace(match: re.Match[str]) -> str:
        user, colon, password = match[2].partition(":")
        if is_harmless(user) and (not colon or is_harmless(password)):
            return match.group()
        hidden = f":{PASSWORD_REDACTED}" if colon else ""
        return f"{match[1]}{USERNAME_REDACTED}{hidden}@"

    return _USER_INFO.sub(replace, text) if "://" in text else text


Text: TypeAlias = str | Secret


def compose(*parts: Text) -> Text:
    """Join texts; the result is a secret as soon as one part is."""
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return Secret(
        lambda: "".join(open_text(part) for part in parts),
        "".join(str(part) for part in parts),
    )


def open_text(text: Text) -> str:
    """Return the text with its secrets opened."""
    return text.open() if isinstance(text, Secret) else text
