"""The export for another instance: the flow with the values of an environment.

Event Processing imports plain JSON by hand in its editor, so that is what is made:
ids of nodes stay, and only values that the environment changes are written anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowops.documents.json_text import find_spans, replace_values
from flowops.errors import InputError
from flowops.secrets import Secret, open_text
from flowops.systems.event_processing.pipeline import Sink, Source, SqlNode
from flowops.systems.event_processing.settings.connectors import JAAS, SERVERS, TOPIC
from flowops.systems.event_processing.sql.retarget import retargeted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.model import Location, Pointer
    from flowops.secrets import Text
    from flowops.systems.event_processing.pipeline import AnyNode, Pipeline
    from flowops.systems.protocol import Setting

_Tables: TypeAlias = "dict[str, dict[str, Text]]"

_Shown: TypeAlias = "Callable[[Text], str]"

IMPORT_FILE = "import.json"
_USERNAME = re.compile(r'username="([^"]*)"')
_PASSWORD = re.compile(r'password="([^"]*)"')
_CERTIFICATES = "properties.ssl.truststore.certificates"
_PEM = re.compile(r"-----BEGIN [^-]+-----.*?-----END [^-]+-----\n?", re.DOTALL)


class ImportDocument(NamedTuple):
    """The document, and the options it has no place for: node and option."""

    text: Text
    left_out: tuple[tuple[str, str], ...]


class _Change(NamedTuple):
    """An option of a node that the environment gives another value."""

    node: AnyNode
    option: str
    tables: _Tables


def is_wanted(target: Mapping[str, Text]) -> bool:
    """Tell whether an environment's target asks for the file."""
    return str(target.get("import", "")).lower() == "true"


def check_import(target: Mapping[str, Text], place: Location) -> None:
    """Raise ``InputError`` for a word that would be taken for no."""
    word = str(target.get("import", "false"))
    if word.lower() not in ("true", "false"):
        message = f"`import` of the target is {word!r}"
        raise InputError(message, hint="write true or false", location=place)


def import_document(
    source: SourceText,
    pipeline: Pipeline,
    own: Iterable[Setting],
    settings: Iterable[Setting],
) -> ImportDocument:
    """Write the flow with the values of an environment."""
    changes = _changes(pipeline, _by_node(own), _by_node(settings))
    text = source.text.open()
    kept: list[_Change] = []
    left_out: list[tuple[str, str]] = []
    for change in changes:
        wanted = _values(change, str)
        is_whole = bool(wanted) and len(find_spans(text, wanted)) == len(wanted)
        if is_whole:
            kept.append(change)
        else:
            left_out.append((change.node.name, change.option))
    hidden: dict[Pointer, JsonValue] = {
        redaction.pointer: redaction.visible for redaction in pipeline.redactions
    }
    visible = replace_values(text, _outermost(hidden | _all(kept, str)))
    opened = Secret(lambda: replace_values(text, _all(kept, open_text)), visible)
    return ImportDocument(opened, tuple(left_out))


def _all(changes: Iterable[_Change], shown: _Shown) -> dict[Pointer, JsonValue]:
    return {p: v for change in changes for p, v in _values(change, shown).items()}


def _outermost(values: dict[Pointer, JsonValue]) -> dict[Pointer, JsonValue]:
    """Leave out what lies inside another value that is written."""
    return {
        pointer: value
        for pointer, value in values.items()
        if not any(pointer[:length] in values for length in range(len(pointer)))
    }


def _changes(
    pipeline: Pipeline, before: Mapping[str, _Tables], after: Mapping[str, _Tables]
) -> Iterator[_Change]:
    for node in pipeline.nodes:
        tables = after.get(node.name, {})
        for option in _changed(before.get(node.name, {}), tables):
            yield _Change(node, option, tables)


def _by_node(settings: Iterable[Setting]) -> dict[str, _Tables]:
    nodes: dict[str, _Tables] = {}
    for setting in settings:
        table = nodes.setdefault(setting.node, {}).setdefault(setting.table, {})
        table[setting.name] = setting.value
    return nodes


def _changed(before: _Tables, after: _Tables) -> list[str]:
    """Return the names of options that differ, in order."""
    names: set[str] = set()
    for table in before.keys() | after.keys():
        old, new = before.get(table, {}), after.get(table, {})
        names |= {
            name
            for name in old.keys() | new.keys()
            if _open(old.get(name)) != _open(new.get(name))
        }
    return sorted(names)


def _open(value: Text | None) -> tuple[str, str] | None:
    """Return a value to compare; one that has no value here by what it shows."""
    return None if value is None else (str(value), type(value).__name__)


def _values(change: _Change, shown: _Shown) -> dict[Pointer, JsonValue]:
    """Return what stands where after a change; nothing if there is no such place."""
    node, tables = change.node, change.tables
    if isinstance(node, SqlNode):
        text = retargeted(open_text(node.statement), tables)
        return {node.statement_pointer: shown(text)}
    name = change.option
    value = next((table[name] for table in tables.values() if name in table), None)
    if value is None or not isinstance(node, Source | Sink):
        return {}
    at = node.connection.pointers
    login = node.connection.credentials.pointer[:-1]
    if name == JAAS:
        return _login(login, shown(value))
    if name == SERVERS:
        return {at["servers"]: shown(value).split(",")}
    if name == _CERTIFICATES:
        return {at["certificates"]: [{"pem": p} for p in _PEM.findall(shown(value))]}
    places: dict[str, Pointer] = {
        TOPIC: at["topic"],
        "properties.security.protocol": (*at["node"], "securityProtocol"),
        "properties.sasl.mechanism": (*login, "mechanism"),
        "scan.startup.mode": (*at["node"], "startUpMode"),
    }
    return {places[name]: shown(value)} if name in places else {}


def _login(pointer: Pointer, line: str) -> dict[Pointer, JsonValue]:
    found: dict[Pointer, JsonValue] = {}
    for key, pattern in (("username", _USERNAME), ("password", _PASSWORD)):
        if match := pattern.search(line):
            found[*pointer, key] = match[1]
    return found
