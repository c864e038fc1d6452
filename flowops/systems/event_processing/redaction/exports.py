"""Redact an export of any kind: secret values become placeholders, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.archive import zip_bytes
from flowops.documents.json_text import locate_all, parse_json, replace_values
from flowops.documents.source import SourceText, decode
from flowops.documents.yaml_edit import set_yaml_value
from flowops.model import Location
from flowops.systems.event_processing.output.rendering import CONFIG_FILE
from flowops.systems.event_processing.reading.zip_members import zip_members
from flowops.systems.event_processing.redaction.documents import find_redactions
from flowops.systems.event_processing.redaction.sensitive import (
    mask_text,
    masked_options,
)
from flowops.systems.event_processing.redaction.target_files import located_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What was taken out of a file, and where it stood."""

    location: Location
    words: str


@dataclass(frozen=True, slots=True)
class RedactedFile:
    """A file without its secrets, and what they were; the same if it had none."""

    data: bytes
    hidden: tuple[Hidden, ...]


def redact_export(path: str, data: bytes) -> RedactedFile:
    """Redact a JSON, SQL or zip export; raises ``InputError`` as reading does."""
    if path.lower().endswith(".zip") or data.startswith(_ZIP):
        return _redact_zip(path, data)
    redact = redact_sql if path.lower().endswith(".sql") else redact_json
    return redact(decode(path, data))


def redact_json(source: SourceText) -> RedactedFile:
    """Redact the values of a JSON export, in their place."""
    found = find_redactions(parse_json(source))
    places = locate_all(source, [redaction.pointer for redaction in found])
    text = source.text.open()
    values = {redaction.pointer: redaction.visible for redaction in found}
    hidden = (Hidden(places[r.pointer], ", ".join(r.contents)) for r in found)
    changed = replace_values(text, values) if values else text
    return RedactedFile(changed.encode(), tuple(hidden))


def redact_sql(source: SourceText) -> RedactedFile:
    """Redact a SQL text: options, login lines, addresses and keys."""
    text = source.text.open()
    masked = mask_text(text)
    if masked.text == text:
        return RedactedFile(text.encode(), ())
    found = [*masked_options(text)]
    places = source.places(start for start, _, _ in found)
    hidden = [Hidden(places[s], ", ".join(option.contents)) for s, _, option in found]
    hidden += _beside(source, [(start, end) for start, end, _ in found])
    return RedactedFile(masked.text.encode(), tuple(hidden))


def _beside(source: SourceText, options: Sequence[tuple[int, int]]) -> Iterator[Hidden]:
    """Give what is hidden outside of options, such as in a comment, at its first.

    The values of ``options`` are left out.
    """
    parts, end = [], 0
    text = source.text.open()
    for start, after in options:
        parts += [text[end:start], " " * (after - start)]
        end = after
    rest = "".join([*parts, text[end:]])
    masked = mask_text(rest)
    if masked.text != rest:
        pairs = enumerate(zip(rest, masked.text, strict=False))
        first = next((i for i, (a, b) in pairs if a != b), 0)
        yield Hidden(source.place(first), ", ".join(masked.contents))


def _redact_config(source: SourceText) -> RedactedFile:
    text = source.text.open()
    hidden: list[Hidden] = []
    for option, location in located_options(source):
        if option.is_masked:
            keys = ("config", option.node, option.table, option.name)
            text = set_yaml_value(text, keys, option.value)
            hidden.append(Hidden(location, f"the option {option.name}"))
    return RedactedFile(text.encode(), tuple(hidden))


def _redact_zip(path: str, data: bytes) -> RedactedFile:
    members: dict[str, bytes] = {}
    hidden: list[Hidden] = []
    for name, content in zip_members(path, data).items():
        redact = _redactor(name)
        if redact is None:
            members[name] = content
            continue
        found = redact(decode(f"{path}/{name}", content))
        members[name] = found.data
        hidden += found.hidden
    return RedactedFile(zip_bytes(members) if hidden else data, tuple(hidden))


def _redactor(name: str) -> Callable[[SourceText], RedactedFile] | None:
    ways: Mapping[str, Callable[[SourceText], RedactedFile]] = {
        CONFIG_FILE: _redact_config
    }
    if name in ways:
        return ways[name]
    kinds = {"json": redact_json, "sql": redact_sql}
    return kinds.get(name.rpartition(".")[2].lower())
