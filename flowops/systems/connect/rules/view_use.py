"""Whether a flow and the views it shows fit each other.

Only views of the same project are looked at. Those that AWS manages take their
inputs and actions from the flow itself, and are left alone.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.rules.rule import Note
from flowops.systems.connect.rules.view_rule import Shown, ViewRule
from flowops.systems.connect.trees import string_leaves
from flowops.systems.connect.view_templates import inputs, results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer
    from flowops.systems.connect.language import Action

_SHOW_VIEW = "ShowView in the Amazon Connect API reference"
_CUSTOM_VIEWS = '"Custom views" in the Amazon Connect administrator guide'
_RESULT = re.compile(r"\$\.Views\.ViewResultData\.(?P<name>[A-Za-z_][\w-]*)")
_OF_COMPONENTS = frozenset(["Details", "Heading", "Id", "Label", "action"])


def _missing_inputs(shown: Shown) -> Iterator[Note]:
    for action, pointer, view in shown.views:
        given = action.parameters.get("ViewData", {})
        if not isinstance(given, dict):  # filled in while a contact runs
            continue
        place = (*pointer, "ViewData") if "ViewData" in action.parameters else pointer
        for name in sorted(inputs(view) - given.keys()):
            words = f"block {action.identifier}: the view {view.name!r} needs the input"
            hint = _near(name, given.keys() - inputs(view))
            yield Note(place, f"{words} {name!r}, which ViewData does not give", hint)


def _unknown_branches(shown: Shown) -> Iterator[Note]:
    for action, pointer, view in shown.views:
        for place, operand in _operands(action, pointer):
            if operand not in view.actions:
                words = f"block {action.identifier}: the view {view.name!r} has no"
                known = ", ".join(view.actions) or "none"
                hint = _near(operand, view.actions) or f"its actions are {known}"
                yield Note(place, f"{words} action {operand!r}", hint)


def _missing_branches(shown: Shown) -> Iterator[Note]:
    for action, pointer, view in shown.views:
        taken = {operand for _, operand in _operands(action, pointer)}
        for name in view.actions:
            if name not in taken:
                words = f"block {action.identifier}: no branch for the action {name!r}"
                hint = "it would leave by NoMatchingCondition"
                yield Note(pointer, f"{words} of the view {view.name!r}", hint)


def _unknown_results(shown: Shown) -> Iterator[Note]:
    found = [results(view) for _, _, view in shown.views]
    known = {name for names in found if names is not None for name in names}
    if not shown.complete or not found or None in found:
        return
    for action in shown.flow.actions:
        here: Pointer = ("Actions", action.index, "Parameters")
        for pointer, text in string_leaves(action.parameters, here):
            for match in _RESULT.finditer(text):
                if (name := match["name"]) not in known | _OF_COMPONENTS:
                    words = f"block {action.identifier}: no view of this flow gives"
                    yield Note(pointer, f"{words} back {name!r}", _near(name, known))


def _operands(action: Action, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Give what the branches of a block compare the action with."""
    place = (*pointer[:2], "Transitions", "Conditions")
    branches = action.transitions.get("Conditions", [])
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        for operand in _compared(branch):
            yield (*place, index), operand


def _compared(branch: JsonValue) -> Iterator[str]:
    condition = branch.get("Condition") if isinstance(branch, dict) else None
    if isinstance(condition, dict) and condition.get("Operator") == "Equals":
        for _, operand in string_leaves(condition.get("Operands")):
            yield operand


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""


VIEW_INPUT_MISSING = ViewRule(
    "connect/view-input-missing",
    Severity.ERROR,
    "A block does not give what the view needs",
    "Every input of the view's template, such as `$.CustomerName`, is a key of the "
    "block's `ViewData`: without it the view cannot be shown.",
    _CUSTOM_VIEWS,
    find_shown=_missing_inputs,
)
VIEW_BRANCH_UNKNOWN = ViewRule(
    "connect/view-branch-unknown",
    Severity.ERROR,
    "A branch waits for an action that the view does not have",
    "The conditions of a block are the `Actions` of the view it shows.",
    _SHOW_VIEW,
    find_shown=_unknown_branches,
)
VIEW_BRANCH_MISSING = ViewRule(
    "connect/view-branch-missing",
    Severity.WARNING,
    "An action of the view has no branch",
    "What a person chooses there leaves the block by `NoMatchingCondition`.",
    _SHOW_VIEW,
    find_shown=_missing_branches,
)
VIEW_RESULT_UNKNOWN = ViewRule(
    "connect/view-result-unknown",
    Severity.WARNING,
    "A flow uses a result that no view gives back",
    "`$.Views.ViewResultData` has the `Name` of each component that collects "
    "something. Nothing says so when the name is another one: the value is empty.",
    _CUSTOM_VIEWS,
    find_shown=_unknown_results,
)
