"""The dialects SQL is written in: the product's, and that of plain Apache Flink.

Apache Flink has neither the vendor's functions nor its HTTP connector. The functions
that read timestamps are written in its own where that is exact, and a call of an API
for the open HTTP connector; what else is the vendor's is refused.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.compiler.plain_timestamps import in_plain_flink
from flowops.systems.event_processing.settings.connectors import TRUST_ALL
from flowops.systems.event_processing.sql.column_types import FUNCTION_CLASSES
from flowops.systems.event_processing.sql.text import code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Location
    from flowops.secrets import Text

PRODUCT, FLINK = "event-processing", "flink"
DIALECTS = (PRODUCT, FLINK)
_VENDOR = "com.ibm."
_HTTP = "gid.connector.http."
# What the open connector reads (its HttpConnectorConfigConstants, 0.25). It takes
# everything else of that prefix too, and does nothing with it.
_PARTS = ("templated-query", "rest-lookup-logger")  # of the vendor's connector
_OPEN_HTTP = (
    *("source.lookup.", "sink.", "security.", "logging.level"),
    *("request.query-param-fields", "request.body-fields", "request.url-map"),
)


def dialect_of(target: Mapping[str, Text]) -> str:
    """Return the dialect an environment's target asks for, or that of its kind."""
    own = FLINK if target.get("kind") == FLINK else PRODUCT
    return str(target.get("dialect", own))


def check_dialect(target: Mapping[str, Text], place: Location) -> None:
    """Raise ``InputError`` for a dialect that does not exist."""
    wanted = target.get("dialect", PRODUCT)
    if isinstance(wanted, Secret) or wanted not in DIALECTS:
        near = difflib.get_close_matches(str(wanted), DIALECTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"write {' or '.join(DIALECTS)}"
        raise InputError(
            f"there is no dialect {str(wanted)!r}", hint=hint, location=place
        )


def in_dialect(text: Text, dialect: str) -> Text:
    """Return SQL as a dialect writes it.

    Raises ``CannotCompileError`` for what only the vendor's Flink has.
    """
    if dialect != FLINK:
        return text
    written = in_plain_flink(text)
    if word := foreign_word(str(written)):
        raise CannotCompileError(
            f"needs {word}, which Apache Flink does not have", _way_out(word)
        )
    return written


def _way_out(word: str) -> str:
    """Say what to do without a thing of the vendor's."""
    if _HTTP in word or word[1:-1] in _PARTS:
        return (
            "write it for the open HTTP connector: 'format' = 'json', columns named as "
            "the properties of the request and of the answer"
        )
    if TRUST_ALL in word:
        return "give the node the certificates of its brokers"
    return "write it for Apache Flink, and name that class"


def foreign_word(sql: str) -> str:
    """Return the first thing in a text that is the vendor's, or nothing."""
    for token in code(sql):
        if token.upper in FUNCTION_CLASSES:
            return token.upper
        if token.kind == "text" and _is_vendors(token.text[1:-1]):
            return token.text
    return ""


def _is_vendors(text: str) -> bool:
    """Tell whether a text names a class of the vendor's, or a part of its connector."""
    if text.startswith(_HTTP):
        return not text.removeprefix(_HTTP).startswith(_OPEN_HTTP)
    return text.startswith(_VENDOR) or text in _PARTS
