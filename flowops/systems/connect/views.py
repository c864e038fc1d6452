"""Read a view: a page of the agent workspace that a ``ShowView`` block shows.

A view comes as the answer of DescribeView, as an object with ``Name`` and
``Content``, as a resource of CloudFormation, or as the bare content that
``aws connect create-view --content`` takes. ``Template`` is JSON inside a text, or
the object itself. ``InputSchema`` is made by the service and never written.

Source: ``View``, ``ViewContent`` and CreateView in the Amazon Connect API reference;
``AWS::Connect::View`` in the CloudFormation template reference; "Custom views" in
the administrator guide for what a template holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowops.documents.json_text import JsonValue, locate, parse_json
from flowops.errors import InputError
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.shapes import Document, given_text, optional_text
from flowops.systems.connect.tags import read_tags
from flowops.systems.connect.wrappers import text_inside, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.documents.source import SourceText
    from flowops.model import Location, Pointer

TEMPLATE, ACTIONS = "Template", "Actions"
HEAD, BODY = "Head", "Body"
_RESOURCE = "AWS::Connect::View"
_CONTENT_KEYS = frozenset([TEMPLATE, ACTIONS, "InputSchema"])


@dataclass(frozen=True, slots=True)
class View:
    """A view; ``template`` is its parsed template, whose text is ``source``.

    ``actions`` are what a person can do in it, each a branch of the block that
    shows it. ``input_schema`` is what the service said of its inputs, if the file
    has it. ``outer`` is the whole file, and ``content`` where in it the content is.
    """

    name: str
    description: str | None
    template: Mapping[str, JsonValue] = field(repr=False)
    actions: tuple[str, ...]
    input_schema: JsonValue
    source: SourceText = field(repr=False)
    outer: SourceText = field(repr=False)
    content: Pointer = ()
    kind: str = VIEW
    tags: Mapping[str, str] | None = None

    def place(self, pointer: Pointer) -> Location:
        """Return the place in the file of a part of the content."""
        if pointer[:1] == (TEMPLATE,):
            return locate(self.source, pointer[1:])
        return locate(self.outer, (*self.content, *pointer))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a document holds a view: its own fields, and those of its content."""

    fields: Mapping[str, JsonValue]
    content: Mapping[str, JsonValue]
    pointer: Pointer
    fallback: str = ""
    outer: Pointer = ()

    @property
    def name(self) -> str:
        return optional_text(self.fields, "Name") or self.fallback


def holds_view(root: JsonValue) -> bool:
    """Tell whether a document is a view, or holds one or several."""
    return any(_places(root))


def read_view(source: SourceText, root: JsonValue, name: str) -> View:
    """Read a view; ``name`` is used when the document does not say one.

    Raises ``InputError`` with the place of a value that has the wrong shape, and
    for several views.
    """
    places = list(_places(root))
    if len(places) != 1:
        raise InputError(
            f"the template holds {len(places)} views: "
            f"{', '.join(place.name for place in places)}",
            hint="FlowOps reads one view a file: keep the content of each in its own",
            location=locate(source, places[-1].pointer if places else ()),
        )
    (place,) = places
    document = Document(source)
    inner = _template(document, place)
    template = Document(inner).mapping(parse_json(inner), ())
    if BODY in template:
        Document(inner).sequence(template[BODY], (BODY,))
    return View(
        name=place.name or name,
        description=given_text(place.fields, "Description"),
        template=template,
        actions=tuple(_actions(document, place)),
        input_schema=place.content.get("InputSchema"),
        source=inner,
        outer=source,
        content=place.pointer,
        tags=read_tags(source, place.fields, place.outer),
    )


def _template(document: Document, place: _Place) -> SourceText:
    """Return the text of the template, each character with its place in the file."""
    pointer = (*place.pointer, TEMPLATE)
    value = place.content.get(TEMPLATE)
    if isinstance(value, str):
        return text_inside(document.source, pointer)
    document.mapping(value, pointer)
    return text_of(document.source, pointer)


def _actions(document: Document, place: _Place) -> Iterator[str]:
    pointer = (*place.pointer, ACTIONS)
    value = place.content.get(ACTIONS)
    for index, action in enumerate(document.sequence(value or [], pointer)):
        yield document.text(action, (*pointer, index))


def _places(root: JsonValue) -> Iterator[_Place]:
    if not isinstance(root, dict):
        return
    described = root.get("View")
    if isinstance(described, dict) and _is_content(described.get("Content")):
        yield from _object(described, ("View",))
    elif "Name" in root and _is_content(root.get("Content")):
        yield from _object(root, ())
    elif TEMPLATE in root and root.keys() <= _CONTENT_KEYS:
        yield _Place({}, root, ())
    elif isinstance(resources := root.get("Resources"), dict):
        for key, value in resources.items():
            yield from _resource(value, ("Resources", key), str(key))
    else:
        yield from _resource(root, (), "")


def _object(fields: Mapping[str, JsonValue], pointer: Pointer) -> Iterator[_Place]:
    content = fields["Content"]
    if isinstance(content, dict):
        yield _Place(fields, content, (*pointer, "Content"), outer=pointer)


def _resource(value: JsonValue, pointer: Pointer, name: str) -> Iterator[_Place]:
    if isinstance(value, dict) and value.get("Type") == _RESOURCE:
        fields = value.get("Properties")
        if isinstance(fields, dict):
            own = (*pointer, "Properties")
            yield _Place(fields, fields, own, name, own)


def _is_content(value: JsonValue) -> bool:
    return isinstance(value, dict) and TEMPLATE in value
