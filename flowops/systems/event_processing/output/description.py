"""Describe the files of a flow by meaning, in text that may be shown.

Files of a target may have been edited by hand: a missing one is simply absent,
and a secret somebody typed in is masked here as anywhere else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from flowops.documents.canonical import digest
from flowops.documents.json_text import parse_again, parse_json
from flowops.documents.source import source_text
from flowops.model import Block, Edge, Graph
from flowops.systems.event_processing.learnt import Drawing
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

    from flowops.documents.json_text import JsonValue
    from flowops.documents.source import SourceText
    from flowops.systems.event_processing.learnt import Config, Export, Learnt
    from flowops.systems.protocol import FlowState

_ByNode: TypeAlias = "dict[str, dict[str, str]]"

_WRITER = json.JSONEncoder(ensure_ascii=False)
_NODE_KEYS = frozenset(("viewName", "nodeId", "nodeType", "configuration"))
_TIMED_SUFFIX = "__API"
_DRAWN = frozenset(("pipelineState", "contextState", "nodes", "edges"))


def describe_state(state: FlowState) -> Graph:
    """Read flow.json, config.yaml and flow.sql into one graph.

    Raises ``InputError`` that names the file for one that cannot be read.
    """
    document = _document(state)
    for place in document.get("contextState").get("nodes").items():
        place.get("viewName").word()
    options = _options(state)
    return _graph(state, _drawing(document), options)


def describe_rendered(state: FlowState, learnt: Learnt) -> Graph:
    """Return what ``describe_state`` does for files that were just made of a flow.

    What is known of them is not read anew; a file that is another one is read.
    """
    export, config = learnt.export, learnt.config
    files = state.files
    if export is None or files.get(JSON_FILE) is not export.text:
        return describe_state(state)
    if config is None or files.get(CONFIG_FILE) is not config.text:
        return describe_state(state)
    if not export.drawing:
        export.drawing.append(_drawing(_known_document(state, export)))
    return _graph(state, export.drawing[0], _known_options(config, learnt))


def _drawing(document: Place) -> Drawing:
    context = document.get("contextState")
    places = [*context.get("nodes").items()]
    owners, layouts = _owners(places), _layouts(document)
    return Drawing(
        rest=_rest(document),
        attributes=document_attributes(document),
        blocks=tuple(_block(place, layouts) for place in places),
        edges=tuple(_edges(context.get("edges"))),
        owners=owners,
    )


def _graph(state: FlowState, drawing: Drawing, beside: _ByNode) -> Graph:
    for node, text in _sql(state, drawing.owners).items():
        beside.setdefault(node, {})["sql"] = text
    rest = {**drawing.rest, **beside.pop("", {})}
    names = {block.label for block in drawing.blocks}
    return Graph(
        attributes={**drawing.attributes, **dict(described(state.files))},
        blocks=(
            *(_with(block, beside.get(block.label, {})) for block in drawing.blocks),
            *_strangers(beside, names),
        ),
        edges=drawing.edges,
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


def _known_document(state: FlowState, export: Export) -> Place:
    """Read a flow.json that was just made; where nothing is left to hide, at once."""
    source = _source(state, JSON_FILE)
    if source is None or not export.is_settled:
        return _document(state)
    root = parse_again(source)
    return Place(Document(source, root, {}), root)


def _with(block: Block, more: Mapping[str, str]) -> Block:
    return Block(
        id=block.id,
        type=block.type,
        label=block.label,
        properties={**block.properties, **more},
        layout=block.layout,
    )


def _block(place: Place, layouts: Mapping[str, Mapping[str, str]]) -> Block:
    identity, name = place.get("nodeId").required_word(), place.get("viewName").word()
    own: dict[str, str] = {}
    for key in place.mapping():
        if key not in _NODE_KEYS:
            own |= _flattened(place.get(key), f"node/{_step(key)}")
    return Block(
        id=identity,
        type=place.get("nodeType").word(),
        label=name,
        properties={**own, **_flattened(place.get("configuration"))},
        layout=layouts.get(identity, {}),
    )


def _strangers(beside: _ByNode, names: set[str]) -> Iterator[Block]:
    """Give what config.yaml or flow.sql say of nodes that flow.json lacks."""
    for node in sorted(beside.keys() - names):
        yield Block(id=node, type="", label=node, properties=beside[node])


def _flattened(place: Place, path: str = "") -> dict[str, str]:
    """Return every value at or below a place by its path; nothing recurses."""
    found: dict[str, str] = {}
    visible = place.document.visible
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
            found[path] = _seen(value, visible.get(pointer))
    return found


def _step(key: str) -> str:
    """Write a step of a path; a slash in it is escaped as in RFC 6901."""
    if "~" not in key and "/" not in key:
        return key
    return key.replace("~", "~0").replace("/", "~1")


def _shown(place: Place) -> str:
    """Return a value as text, or what it shows instead."""
    return _seen(place.value, place.document.visible.get(place.pointer))


def _seen(value: JsonValue, hidden: str | None) -> str:
    if hidden is not None:
        return hidden
    return value if isinstance(value, str) else _WRITER.encode(value)


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


def _known_options(config: Config, learnt: Learnt) -> _ByNode:
    """Return what ``_options`` reads of a configuration that was just written."""
    groups: _ByNode = {}
    for node, tables in config.nodes.items():
        group = groups[node] = {}
        for table, options in tables.items():
            start = f"config/{_step(table)}"
            for name, value in options.items():
                masked = learnt.masked_option(name, value)
                group[f"{start}/{_step(name)}"] = masked
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
