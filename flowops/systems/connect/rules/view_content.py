"""What a view itself is held to: its names, its size, and what its parts say."""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.arns import VIEW
from flowops.systems.connect.graph import shown_value
from flowops.systems.connect.limits import LIMITS
from flowops.systems.connect.rules.rule import Note
from flowops.systems.connect.rules.view_rule import ViewRule
from flowops.systems.connect.trees import string_leaves, text_at
from flowops.systems.connect.view_states import content_of
from flowops.systems.connect.view_templates import components, inputs_in_text, raised
from flowops.systems.connect.views import ACTIONS, TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.views import View

LONGEST_NAME = 255
LARGEST = 400_000
_SIGNS = frozenset("_.:/=+-@()'")
_CREATE_VIEW = "CreateView in the Amazon Connect API reference"
_CUSTOM_VIEWS = '"Custom views" in the Amazon Connect administrator guide'


def _names(view: View) -> Iterator[Note]:
    if why := _refused(view.name):
        yield Note((), f"the name of a view {view.name!r} {why}")
    for index, action in enumerate(view.actions):
        if why := _refused(action):
            yield Note((ACTIONS, index), f"the action {action!r} {why}")


def _refused(name: str) -> str:
    """Say why the service does not take a name, or nothing."""
    if not 0 < len(name) <= LONGEST_NAME:
        return f"has {len(name)} characters; 1 to {LONGEST_NAME} are allowed"
    wrong = {sign for sign in name if not (sign.isalnum() or sign in _SIGNS)}
    spaces = {sign for sign in wrong if unicodedata.category(sign).startswith("Z")}
    if shown := "".join(sorted(wrong - spaces)):
        return f"holds {shown}, which is forbidden"
    return "starts with a space" if name[0] in spaces else ""


def _description(view: View) -> Iterator[Note]:
    limit = LIMITS[VIEW]["Description"]
    if view.description and (why := limit.refusal(view.description)):
        yield Note((), f"the description of the view {why}", "change it in the file")


def _size(view: View) -> Iterator[Note]:
    size = len(content_of(view.source.text.open(), view.actions).encode())
    if size > LARGEST:
        yield Note((), f"the view has {size} bytes; Amazon Connect takes {LARGEST}")


def _undeclared(view: View) -> Iterator[Note]:
    for pointer, action in raised(view):
        if action not in view.actions:
            near = get_close_matches(action, view.actions, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            words = f"a component raises {action!r}, which is not among the Actions"
            yield Note(pointer, words, f"{hint}add it to Actions: it is a branch")


def _twice(view: View) -> Iterator[Note]:
    seen: set[str] = set()
    for component in components(view):
        name = text_at(view.template, (*component.pointer, "_id"))
        if name and name in seen:
            place = (TEMPLATE, *component.pointer, "_id")
            yield Note(place, f"two components have the _id {name!r}", "rename one")
        seen.add(name)


def _in_text(view: View) -> Iterator[Note]:
    for pointer, text in inputs_in_text(view):
        yield Note(
            pointer,
            f"{text!r} has an input inside a longer text, where nothing fills it in",
            "make it the whole value, or a part of Content of its own",
        )


def _secrets(view: View) -> Iterator[Note]:
    for pointer, text in string_leaves(view.template, (TEMPLATE,)):
        if shown_value(str(pointer[-1]), text) != text:
            yield Note(pointer, f"{pointer[-1]} holds what looks like a secret")


VIEW_NAME = ViewRule(
    "connect/view-name",
    Severity.ERROR,
    "A view or one of its actions has a name that is not allowed",
    f"A name has 1 to {LONGEST_NAME} characters: letters, digits, spaces but not at "
    "the start, and `_ . : / = + - @ ( ) '`.",
    _CREATE_VIEW,
    _names,
)
VIEW_DESCRIPTION = ViewRule(
    "connect/view-description",
    Severity.ERROR,
    "The service does not take the description of a view",
    "It has 1 to 4096 letters, figures, spaces and some signs. One that is there "
    "cannot be emptied.",
    "CreateView and UpdateViewMetadata in the model of the API in botocore",
    _description,
)
VIEW_SIZE = ViewRule(
    "connect/view-size",
    Severity.ERROR,
    "A view is larger than Amazon Connect takes",
    "The content of a view has at most 400 kB.",
    _CREATE_VIEW,
    _size,
)
VIEW_ACTION = ViewRule(
    "connect/view-action",
    Severity.ERROR,
    "A component raises an action that the view does not have",
    "Every `Action` of a component has to stand in the `Actions` of the view: only "
    "those become branches of the block that shows it.",
    _CUSTOM_VIEWS,
    _undeclared,
)
VIEW_ID_TWICE = ViewRule(
    "connect/view-id-twice",
    Severity.WARNING,
    "Two components of a view have the same _id",
    "An `_id` names one component; others saw the service refuse a repeated one.",
    "views that others published",
    _twice,
)
VIEW_SECRET = ViewRule(
    "connect/view-secret",
    Severity.WARNING,
    "A property of a view looks like a secret",
    "Its name says so and its value is fixed, or it is an address with a login in it. "
    "Everybody who reads the file, or is shown the view, reads it.",
    "the names of properties",
    _secrets,
)
VIEW_INPUT_IN_TEXT = ViewRule(
    "connect/view-input-in-text",
    Severity.WARNING,
    "An input stands inside a longer text",
    "An input such as `$.CustomerName` is filled in where it is the whole value. "
    "Inside of a longer text others saw it shown as it is written.",
    "views that others published",
    _in_text,
)
