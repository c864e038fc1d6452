"""The dialects SQL is written in: the product's, and that of plain Apache Flink.

Apache Flink has neither the vendor's functions nor its HTTP connector, nor an
expression that is sure to read the same timestamps: what needs them is refused.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.event_processing.compiler.compiled import CannotCompileError
from flowops.systems.event_processing.sql.column_types import FUNCTION_CLASSES
from flowops.systems.event_processing.sql.text import code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowops.model import Location
    from flowops.secrets import Text

PRODUCT, FLINK = "event-processing", "flink"
DIALECTS = (PRODUCT, FLINK)
_VENDOR = "com.ibm."
_VENDOR_HTTP = "gid.connector.http."


def dialect_of(target: Mapping[str, Text]) -> str:
    """Return the dialect an environment's target asks for."""
    return str(target.get("dialect", PRODUCT))


def check_dialect(target: Mapping[str, Text], place: Location) -> None:
    """Raise ``InputError`` for a dialect that does not exist."""
    wanted = target.get("dialect", PRODUCT)
    if isinstance(wanted, Secret) or wanted not in DIALECTS:
        near = difflib.get_close_matches(str(wanted), DIALECTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"write {' or '.join(DIALECTS)}"
        raise InputError(
            f"there is no dialect {str(wanted)!r}", hint=hint, location=place
        )


def check_statements(statements: Iterable[Text]) -> None:
    """Raise ``CannotCompileError`` for what only the vendor's Flink has."""
    for statement in statements:
        if word := foreign_word(str(statement)):
            raise CannotCompileError(
                f"needs {word}, which Apache Flink does not have",
                "read timestamps in SQL form, or call the API in a job of your own",
            )


def foreign_word(sql: str) -> str:
    """Return the first thing in a text that is the vendor's, or nothing."""
    for token in code(sql):
        if token.upper in FUNCTION_CLASSES:
            return token.upper
        if token.kind == "text" and token.text[1:].startswith((_VENDOR, _VENDOR_HTTP)):
            return token.text
    return ""
