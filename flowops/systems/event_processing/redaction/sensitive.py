"""What counts as sensitive: by the name of a property, and inside a text.

The product redacts the credentials of its Kafka, JDBC and HTTP connectors, but
not those of SQL nodes and not constants of API parameters (Event Processing
documentation, "Exporting flows"); here all of them are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flowops.secrets import (
    PASSWORD_REDACTED,
    USERNAME_REDACTED,
    VALUE_REDACTED,
    mask_user_info,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NOT_WORD = re.compile(r"[^a-z0-9]")
_REDACTED = re.compile(r"<[a-z_]+_redacted>")
_USERNAME_ENDS = ("username", "user")
_PASSWORD_ENDS = ("password", "passphrase", "passwd", "pwd")
_SECRET_ENDS = (
    *("secret", "token", "apikey", "accesskey", "secretkey", "privatekey"),
    *("authorization", "bearer", "userinfo", "keystorekey"),
)
_LOGIN_LINE = "sasl.jaas.config"
_PARAMETER_ENDS = ("key", "token", "secret")
_PARAMETER_WORDS = frozenset(
    (
        *("auth", "authorization", "bearer", "cookie", "credential", "credentials"),
        *("jwt", "key", "passwd", "password", "secret", "signature", "token"),
    )
)
# Drivers have passwords of their own for keys and stores: ``sslpassword``.
_QUERY_NAME = (
    r"(?i:user|username|[\w.-]*(?:password|passphrase|passwd|pwd|token|secret)"
    r"|[\w.-]*api_?-?key)"
)

# A key is one word, so that an apostrophe in a comment cannot shift the pairs.
_OPTION = re.compile(r"'([\w.*-]+)'(\s*=\s*)'([^']*(?:''[^']*)*)'")
_JAAS_VALUE = re.compile(
    r"""(?<![\w.])([\w.]++)(\s*=\s*)("(?:\\.|[^"\\])*"?|'{1,2}[^']*'{0,2}|[^\s;"']+)"""
)
_LOGIN_MODULE = re.compile(r'LoginModule(?:[^;"]|"(?:\\.|[^"\\])*")*(?:"[^"]*\Z)?;?')
_ORACLE = re.compile(r"""(jdbc:oracle:\w+:)([^\s/'"@:]{1,200})/([^\s'"@]{1,200})@""")
_QUERY = re.compile(rf"""([?&;]{_QUERY_NAME}=)([^\s&;'"`]+)""")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be shown, and the names of what was taken out of it."""

    text: str
    contents: tuple[str, ...] = ()


def is_placeholder(value: str) -> bool:
    """Tell whether a value is nothing but the trace of an earlier redaction."""
    return bool(_REDACTED.fullmatch(value))


def has_placeholder(value: str) -> bool:
    """Tell whether a redaction stands anywhere in a value."""
    return bool(_REDACTED.search(value))


def placeholders_in(value: str) -> list[str]:
    """Return the redactions that stand in a value, in their order."""
    return _REDACTED.findall(value)


@lru_cache(maxsize=4096)
def replacement_for(name: str) -> str:
    """Return what a property of this name shows, or nothing if it is harmless."""
    word = _NOT_WORD.sub("", name.lower())
    if word.endswith(_PASSWORD_ENDS):
        return PASSWORD_REDACTED
    if word.endswith(_USERNAME_ENDS):
        return USERNAME_REDACTED
    return VALUE_REDACTED if word.endswith(_SECRET_ENDS) else ""


def is_sensitive_parameter(name: str) -> bool:
    """Tell whether a header or a query parameter is named like a credential."""
    words = {word.lower() for word in _WORD.findall(name)}
    return (
        not words.isdisjoint(_PARAMETER_WORDS)
        or any(word.endswith(_PARAMETER_ENDS) for word in words)
        or bool(replacement_for(name))
    )


def mask_option(name: str, value: str) -> Masked:
    """Hide what is sensitive in the value of a connector option."""
    masked = _mask_named(name, value)
    return mask_text(value) if masked.text == value else masked


def mask_text(text: str) -> Masked:
    """Hide what is sensitive anywhere in a text, such as a SQL statement."""
    if not may_hold_secrets(text):
        return Masked(text)
    found: list[str] = []
    for mask in (_mask_options, _mask_login_modules, _mask_urls, _mask_keys):
        text = mask(text, found)
    return Masked(text, tuple(dict.fromkeys(found)))


def may_hold_secrets(text: str) -> bool:
    """Tell quickly that most texts hold nothing to look for."""
    return (
        "://" in text
        or ("'" in text and "=" in text)
        or "LoginModule" in text
        or "jdbc:oracle:" in text
        or "PRIVATE KEY" in text
    )


def _option_replacement(name: str) -> str:
    head, _, header = name.rpartition(".header.")
    if head and is_sensitive_parameter(header):
        return VALUE_REDACTED
    if name.endswith(("token.request", "ssl.keystore.key")):
        return VALUE_REDACTED
    return replacement_for(name)


def _mask_options(text: str, found: list[str]) -> str:
    def replace(match: re.Match[str]) -> str:
        name, equals, value = match.groups()
        if not _may_hide(name):
            return match.group()
        masked = _mask_named(name, value)
        found.extend(masked.contents)
        return f"'{name}'{equals}'{masked.text}'"

    return _OPTION.sub(replace, text)


def masked_options(text: str) -> Iterator[tuple[int, int, Masked]]:
    """Give the options of a SQL text that hold secrets, from quote to quote."""
    for match in _OPTION.finditer(text):
        masked = mask_option(match[1], match[3])
        if masked.contents:
            yield match.start(3) - 1, match.end(3) + 1, masked


@lru_cache(maxsize=4096)
def _may_hide(name: str) -> bool:
    """Tell whether ``_mask_named`` hides anything of an option of this name."""
    return name.lower().endswith(_LOGIN_LINE) or bool(_option_replacement(name))


def _mask_named(name: str, value: str) -> Masked:
    if not value or is_placeholder(value) or not _may_hide(name):
        return Masked(value)
    if name.lower().endswith(_LOGIN_LINE):
        return _mask_jaas(value)
    visible = _option_replacement(name)
    return Masked(visible, (f"the option {name}",)) if visible else Masked(value)


def _mask_login_modules(text: str, found: list[str]) -> str:
    """Mask every login module line, in an option or wherever else it stands."""
    if "LoginModule" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        masked = _mask_jaas(match.group())
        found.extend(masked.contents)
        return masked.text

    return _LOGIN_MODULE.sub(replace, text)


def _mask_jaas(value: str) -> Masked:
    found: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name, equals, quoted = match.groups()
        visible = replacement_for(name)
        bare = quoted.strip("\"'")
        if not visible or not bare or is_placeholder(bare):
            return match.group()
        found.append(f"the {name} of a login module")
        return f"{name}{equals}{_requote(quoted, visible)}"

    return Masked(_JAAS_VALUE.sub(replace, value), tuple(found))


def _requote(quoted: str, visible: str) -> str:
    quote = re.match(r"\"|'{1,2}", quoted)
    mark = quote.group() if quote else ""
    return f"{mark}{visible}{mark}"


def _mask_urls(text: str, found: list[str]) -> str:
    masks: tuple[Callable[[str], str], ...] = (
        lambda whole: mask_user_info(whole, is_placeholder),
        lambda whole: _ORACLE.sub(_without_oracle_login, whole),
        lambda whole: _QUERY.sub(_without_query_value, whole),
    )
    for mask in masks:
        masked = mask(text)
        if masked != text:
            found.append("the login of an address")
        text = masked
    return text


def _without_oracle_login(match: re.Match[str]) -> str:
    return f"{match[1]}{USERNAME_REDACTED}/{PASSWORD_REDACTED}@"


def _without_query_value(match: re.Match[str]) -> str:
    if is_placeholder(match[2]):
        return match.group()
    name = match[1][1:-1]
    return f"{match[1]}{replacement_for(name) or VALUE_REDACTED}"


def _mask_keys(text: str, found: list[str]) -> str:
    masked = _PRIVATE_KEY.sub(VALUE_REDACTED, text)
    if masked != text:
        found.append("a private key")
    return masked
