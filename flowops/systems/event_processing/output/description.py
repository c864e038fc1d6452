"""Describe the files of a flow by meaning, in text that may be shown.

Files of a target may have been edited by hand: a missing one is simply absent,
and a secret somebody typed in is masked here as anywhere else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from flowops.documents.canonical import digest
from flowops.documents.json_text import parse_json
from flowops.documents.source import source_text
from flowops.model import Block, Edge, Graph
from flowops.systems.event_processing.manifests.files import described
from flowops.systems.event_processing.output.rendering import (
    CONFIG_FILE,
    JSON_FILE,
    SQL_FILE,
)
from flowops.systems.event_processing.pipeline import LOOKUP_SUFFIX, TABLE_SUFFIX
from flowops.systems.event_processing.reading.places import Document, Place
from flowops.systems.event_processing.redaction.documents import find_redactions
from flowops.systems.event_processing.redaction.sensitive import mask_text
from flowops.systems.event_processing.redaction.target_files import config_options
from flowops.systems.event_processing.sql.scripts import TABLE, VIEW, read_script
from flowops.systems.event_processing.sql.statements import by_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.source import SourceText
    from flowops.systems.protocol import FlowState

_ByNode: TypeAlias = "dict[str, dict[str, str]]"

_NODE_KEYS = frozenset(("viewName", "nodeId", "nodeType", "configuration"))
_TIMED_SUFFIX = "__API"
_DRAWN = frozenset(("pipelineState", "contextState", "nodes", "edges"))


def describe_state(state: FlowState) -> Graph:
    """Read flow.json, config.yaml and flow.sql into one graph.

    Raises ``InputError`` that names the file for one that cannot be read.
    """
    document = _document(state)
    places = [*document.get("contextState").get("nodes").items()]
    names = {place.get("viewName").word() for place in places}
    beside = _options(state)
    for node, text in _sql(state, _owners(places)).items():
        beside.setdefault(node, {})["sql"] = text
    layouts = _layouts(document)
    rest = {**_rest(document), **beside.pop("", {})}
    return Graph(
        attributes={**document_attributes(document), **dict(described(state.files))},
        blocks=(
            *(_block(place, layouts, beside) for place in places),
            *_strangers(beside, names),
        ),
        edges=tuple(_edges(document.get("contextState").get("edges"))),
        fingerprint=digest(rest) if rest else "",
    )


def read_document(source: SourceText) -> Place:
    """Parse a flow.json; its sensitive places show their replacements."""
    root = parse_json(source)
    visible = {r.pointer: r.visible for r in find_redactions(root)}
    return Place(Document(source, root, visible), root)


def document_attributes(document: Place) -> dict[str, str]:
    """Return name, description and version of a flow.json that has any."""
    details = document.get("flowDetails")
    if details.value is None:
        return {}
    version = details.get("flowVersion")
    return {
        "name": details.get("flowName").word(),
        "description": details.get("flowDescription").word(),
        "flowVersion": "" if version.value is None else _shown(version),
    }


def _source(state: FlowState, file: str) -> SourceText | None:
    if file not in state.files:
        return None
    return source_text(f"{state.address}/{file}", str(state.files[file]))


def _document(state: FlowState) -> Place:
    source = _source(state, JSON_FILE)
    return read_document(source or source_text(f"{state.address}/{JSON_FILE}", "null"))


def _block(
    place: Place, layouts: Mapping[str, Mapping[str, str]], beside: _ByNode
) -> Block:
    identity, name = place.get("nodeId").required_word(), place.get("viewName").word()
    own: dict[str, str] = {}
    for key in place.mapping():
        if key not in _NODE_KEYS:
            own |= _flattened(place.get(key), f"node/{_step(key)}")
    return Block(
        id=identity,
        type=place.get("nodeType").word(),
        label=name,
        properties={
            **own,
            **_flattened(place.get("configuration")),
            **beside.get(name, {}),
        },
        layout=layouts.get(identity, {}),
    )


def _strangers(beside: _ByNode, names: set[str]) -> Iterator[Block]:
    """Give what config.yaml or flow.sql say of nodes that flow.json lacks."""
    for node in sorted(beside.keys() - names):
        yield Block(id=node, type="", label=node, properties=beside[node])


def _flattened(place: Place, path: str = "") -> dict[str, str]:
    """Return every value at or below a place by its path; nothing recurses."""
    found: dict[str, str] = {}
    waiting = [(path, place.pointer, place.value)]
    while waiting:
        path, pointer, value = waiting.pop()
        start = f"{path}/" if path else ""
        if value and isinstance(value, dict):
            items = [(f"{start}{_step(k)}", (*pointer, k), v) for k, v in value.items()]
            waiting += reversed(items)
        elif value and isinstance(value, list):
            listed = [(f"{start}{i}", (*pointer, i), v) for i, v in enumerate(value)]
            waiting += reversed(listed)
        elif path:
            found[path] = _shown(Place(place.document, value, pointer))
    return found


def _step(key: str) -> str:
    """Write a step of a path; a slash in it is escaped as in RFC 6901."""
    return key.replace("~", "~0").replace("/", "~1")


def _shown(place: Place) -> str:
    """Return a value as text, or what it shows instead."""
    hidden = place.document.visible.get(place.pointer)
    if hidden is not None:
        return hidden
    if isinstance(place.value, str):
        return place.value
    return json.dumps(place.value, ensure_ascii=False)


def _rest(document: Place) -> dict[str, str]:
    """Return what flow.json holds beside the nodes, the edges and the canvas."""
    context = document.get("contextState")
    places = [
        *(document.get(key) for key in document.mapping() if key not in _DRAWN),
        *(context.get(key) for key in context.mapping() if key not in _DRAWN),
    ]
    rest: dict[str, str] = {}
    for place in places:
        rest |= _flattened(place, "/".join(map(str, place.pointer)))
    return rest


def _layouts(document: Place) -> Mapping[str, Mapping[str, str]]:
    """Return where each node is drawn; the rest of the canvas says nothing."""
    layouts: dict[str, Mapping[str, str]] = {}
    for pipeline in document.get("pipelineState").get("pipelines").items():
        for node in pipeline.get("nodes").items():
            drawn = node.get("app_data").get("ui_data")
            layouts[node.get("id").word()] = {
                "x": _shown(drawn.get("x_pos")),
                "y": _shown(drawn.get("y_pos")),
            }
    return layouts


def _edges(places: Place) -> Iterator[Edge]:
    for place in places.items():
        ends = place.get("incoming").word(), place.get("outgoing").word()
        yield Edge(ends[0], "", ends[1])


def _options(state: FlowState) -> _ByNode:
    """Return the options of config.yaml by the node they belong to."""
    source = _source(state, CONFIG_FILE)
    groups: _ByNode = {}
    for option in config_options(source) if source else ():
        path = f"config/{_step(option.table)}/{_step(option.name)}"
        groups.setdefault(option.node, {})[path] = option.value
    return groups


def _owners(places: list[Place]) -> dict[str, str]:
    """Return which node makes a table or view, for names that do not say so."""
    owners: dict[str, str] = {}
    for place in places:
        name = place.get("viewName").word()
        statement = place.get("configuration").mapping().get("statement")
        if isinstance(statement, str):
            made = (s.name for s in read_script(statement) if s.makes in (TABLE, VIEW))
            owners |= dict.fromkeys(made, name)
        owners |= {name: name, name + TABLE_SUFFIX: name, name + LOOKUP_SUFFIX: name}
    return owners


def _sql(state: FlowState, owners: Mapping[str, str]) -> dict[str, str]:
    """Return the statements of flow.sql by the node they belong to."""
    source = _source(state, SQL_FILE)
    if source is None:
        return {}
    groups: dict[str, list[str]] = {}
    for table, statements in by_table(mask_text(source.text.open()).text).items():
        node = owners.get(table) or _caller(table, owners) or _without_suffix(table)
        groups.setdefault(node, []).extend(statements)
    return {node: "\n\n".join(texts) for node, texts in groups.items()}


def _caller(table: str, owners: Mapping[str, str]) -> str:
    """Return the node whose call of an API a view adds the time for."""
    if not table.endswith(_TIMED_SUFFIX):
        return ""
    callers = [node for node in owners.values() if table.startswith(f"{node}_")]
    return max(callers, key=len, default="")


def _without_suffix(table: str) -> str:
    return table.removesuffix(TABLE_SUFFIX)
