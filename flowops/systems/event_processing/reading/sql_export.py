"""Read a SQL export: its tables are the settings, its text is kept as it is.

Both generations are read alike. Source of the header and of the names of tables:
"Exporting flows" of the Event Processing documentation, and its exports.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.model import Address, Finding
from flowops.secrets import Secret
from flowops.systems.event_processing.pipeline import LOOKUP_SUFFIX, TABLE_SUFFIX
from flowops.systems.event_processing.reading.findings import (
    redact_hint,
    trust_all,
    warning,
)
from flowops.systems.event_processing.reading.reader import KIND, SYSTEM
from flowops.systems.event_processing.reading.sql_body import SqlExport
from flowops.systems.event_processing.redaction.sensitive import mask_option, mask_text
from flowops.systems.event_processing.settings.connectors import (
    ENGINE_FACTORY,
    TRUST_ALL,
)
from flowops.systems.event_processing.settings.references import (
    function_references,
    option_references,
)
from flowops.systems.event_processing.sql.options import sealed
from flowops.systems.event_processing.sql.scripts import (
    TABLE,
    VIEW,
    Statement,
    open_end,
    read_tokens,
    without_options,
)
from flowops.systems.event_processing.sql.text import code, scan
from flowops.systems.protocol import Flow, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.documents.source import SourceText
    from flowops.secrets import Text

_FLOW_NAME = re.compile(r"--\s*flowName:[ \t]*(\S.*?)[ \t]*\Z")


def read_sql_export(source: SourceText) -> Flow:
    """Read a script.

    Raises ``InputError`` for a quote or a comment that does not end, and for a
    script that makes no table.
    """
    sql = source.text.open()
    tokens = code(sql)
    start = open_end(tokens)
    if start >= 0:
        what = "comment" if sql.startswith("/*", start) else "quote"
        raise InputError(
            f"the SQL has a {what} that does not end",
            hint="export the flow again, or mend the file",
            location=source.place(start),
        )
    script = read_tokens(tokens)
    if not any(statement.makes == TABLE for statement in script):
        raise InputError(
            "the SQL makes no table",
            hint="a flow is exported with its sources: export it again",
            location=source.place(0),
        )
    address = Address(SYSTEM, KIND, flow_name(source))
    nodes = _nodes(script)
    settings = tuple(_settings(source, script, nodes))
    return Flow(
        address=address,
        source=source,
        references=(
            *option_references(settings),
            *function_references(address.name, sql, source.place(0)),
        ),
        settings=settings,
        findings=tuple(_findings(address, source, script, nodes)),
        body=SqlExport(_without_mark(sql), nodes),
    )


def _without_mark(sql: str) -> Text:
    """Return the script as it can be run: Flink takes no byte order mark."""
    bare = sql.removeprefix("\ufeff")
    return Secret(bare, mask_text(bare).text)


def flow_name(source: SourceText) -> str:
    """Return what the header calls the flow, or the name of the file."""
    for token in scan(source.text.open()):
        if token.kind not in ("space", "comment"):
            break
        if found := _FLOW_NAME.match(token.text):
            return found[1]
    return PurePosixPath(source.path).stem


def _nodes(script: Sequence[Statement]) -> dict[str, str]:
    """Return the node of each table: the view that has its name, or the table."""
    views = {statement.name for statement in script if statement.makes == VIEW}
    nodes: dict[str, str] = {}
    for statement in script:
        if statement.makes == TABLE:
            name = statement.name
            short = name.removesuffix(TABLE_SUFFIX).removesuffix(LOOKUP_SUFFIX)
            nodes[name] = short if short in views else name
    return nodes


def _settings(
    source: SourceText, script: Sequence[Statement], nodes: dict[str, str]
) -> Iterator[Setting]:
    options = [(s.name, o) for s in script if s.makes == TABLE for o in s.options]
    places = source.places(option.value_start for _, option in options)
    for table, option in sorted(options, key=lambda item: (item[0], item[1].name)):
        value = sealed(option.name, option.value)
        place = places[option.value_start]
        yield Setting(nodes[table], table, option.name, value, place)


def _findings(
    address: Address,
    source: SourceText,
    script: Sequence[Statement],
    nodes: dict[str, str],
) -> Iterator[Finding]:
    options = [(s.name, option) for s in script for option in s.options]
    for table, option in options:
        node, place = nodes.get(table, table), option.value_start
        masked = mask_option(option.name, option.value)
        if masked.contents:
            message = f"{node} holds {', '.join(masked.contents)} in the clear"
            yield _secret(address, source, place, message)
        if (option.name, option.value) == (ENGINE_FACTORY, TRUST_ALL):
            yield trust_all(address, node, source.place(place))
    rest = without_options(source.text.open(), script)
    yield from _beside(address, source, rest)


def _beside(address: Address, source: SourceText, rest: str) -> Iterator[Finding]:
    """Find secrets outside every table, such as in a comment."""
    masked = mask_text(rest)
    if masked.contents:
        start = next(
            (
                i
                for i, (a, b) in enumerate(zip(rest, masked.text, strict=False))
                if a != b
            ),
            0,
        )
        message = f"the SQL holds {', '.join(masked.contents)} in the clear"
        yield _secret(address, source, start, message)


def _secret(address: Address, source: SourceText, start: int, message: str) -> Finding:
    hint = redact_hint(source.path)
    return warning(address, "secret-in-file", message, source.place(start), hint)
