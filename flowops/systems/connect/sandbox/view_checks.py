"""The checks that a view's content has to pass, and the schema of its inputs.

Source: CreateView and UpdateViewContent in the Amazon Connect API reference; what a
template is made of, "Custom views" in the administrator guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.refusals import ApiError
from flowops.systems.connect.sandbox.values import dump_json, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.systems.connect.sandbox.values import Json

LARGEST = 400_000
_INPUT = re.compile(r"\$\.([A-Za-z_][A-Za-z0-9_-]*)([.\[]\S*)?")


def check_view(template: str, actions: Sequence[str], *, fully: bool) -> None:
    """Hold a content to its size and form; ``fully`` for one to be published.

    Raises ``ApiError`` with the first problem.
    """
    size = len(template.encode()) + sum(len(action.encode()) for action in actions)
    if size > LARGEST:
        raise _invalid("Content", f"must have at most {LARGEST} bytes")
    try:
        document = parse_json(template)
    except ValueError as error:
        raise _invalid("Content.Template", f"is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _invalid("Content.Template", "must be a JSON object")
    for problem in _problems(document, actions) if fully else ():
        raise _invalid("Content.Template", problem)


def _problems(document: dict[str, Json], actions: Sequence[str]) -> Iterator[str]:
    for key in ("Head", "Body"):
        if key not in document:
            yield f"must have required property '{key}'"
    if not isinstance(document.get("Head"), dict):
        yield "/Head must be object"
    if not isinstance(document.get("Body"), list):
        yield "/Body must be array"
    seen: set[str] = set()
    for place, node in _nodes(document.get("Body"), "/Body"):
        found = node.get("_id")
        if not isinstance(found, str) or not isinstance(node.get("Type"), str):
            yield f"{place} must have the properties '_id' and 'Type'"
        elif found in seen:
            yield f"{place}/_id must be unique"
        seen.add(str(found))
    for place, action in _raised(document, ""):
        if action not in actions:
            yield f"{place} must be one of Actions, it is {action!r}"


def _nodes(value: Json, place: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Give every component: what stands in Body, and in Content below it."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            here = f"{place}/{index}"
            yield here, item
            yield from _nodes(item.get("Content"), f"{here}/Content")


def _raised(value: Json, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Action" and isinstance(item, str):
                if item and not item.startswith("$."):
                    yield f"{place}/{key}", item
            else:
                yield from _raised(item, f"{place}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _raised(item, f"{place}/{index}")


def input_schema(template: str) -> str:
    """Give the schema of what a template has to be given."""
    names = sorted(set(_inputs(parse_json(template))))
    properties: dict[str, Json] = {name: {} for name in names}
    schema: Json = {"type": "object", "properties": properties, "required": [*names]}
    return dump_json(schema)


def _inputs(value: Json) -> Iterator[str]:
    if isinstance(value, str) and (match := _INPUT.fullmatch(value)):
        yield match[1]
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _inputs(item)


def _invalid(member: str, rule: str) -> ApiError:
    return ApiError("InvalidParameterException", f"{member} {rule}")
