"""The checks that publishing makes: the form of a flow, then what it refers to.

Problems come in the order of the document. Where the wording of the service is
known it is used ("Invalid Action type. Type: …, Path: Actions[0].Type").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox import flow_language as language
from flowops.systems.connect.sandbox.reference_checks import check_references
from flowops.systems.connect.sandbox.values import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.systems.connect.sandbox.context import Context
    from flowops.systems.connect.sandbox.store import Content
    from flowops.systems.connect.sandbox.values import Json

LONGEST_PROBLEM = 256
_DOCUMENT_KEYS = frozenset({"Version", "StartAction", "Metadata", "Actions"})
_ACTION_KEYS = frozenset({"Identifier", "Type", "Parameters", "Transitions"})
_TRANSITION_KEYS = frozenset({"NextAction", "Errors", "Conditions"})
_ERROR_KEYS = frozenset({"ErrorType", "NextAction"})
_BRANCH_KEYS = frozenset({"Condition", "NextAction"})
_CONDITION_KEYS = frozenset({"Operator", "Operands"})


def find_problems(context: Context, content: Content, *, is_module: bool) -> list[str]:
    """Say why a content cannot be published, one sentence per problem."""
    found = [
        *_document_problems(context, content.text, is_module=is_module),
        *_settings_problems(content.settings),
    ]
    return [_shortened(problem) for problem in found]


def _shortened(problem: str) -> str:
    if len(problem) <= LONGEST_PROBLEM:
        return problem
    return problem[: LONGEST_PROBLEM - 1] + "…"


def _settings_problems(settings: str) -> Iterator[str]:
    if not settings:
        return
    try:
        document = parse_json(settings)
    except ValueError as error:
        yield f"Settings is not JSON: {error}"
        return
    if not isinstance(document, dict):
        yield "Settings must be a JSON object"


def _document_problems(
    context: Context, text: str, *, is_module: bool
) -> Iterator[str]:
    try:
        document = parse_json(text)
    except ValueError as error:
        yield f"Content is not JSON: {error}"
        return
    if not isinstance(document, dict):
        yield "Content must be a JSON object"
    elif "modules" in document:
        yield (
            "Content is a legacy export (it has modules);"
            f" convert it to the flow language {language.VERSION}"
        )
    else:
        yield from _envelope_problems(document, is_module=is_module)
        yield from _actions_problems(context, document, is_module=is_module)


def _envelope_problems(document: dict[str, Json], *, is_module: bool) -> Iterator[str]:
    for key in document:
        if key == "Settings" and is_module:
            yield "Settings is an argument beside Content. Path: Settings"
        elif key not in _DOCUMENT_KEYS:
            yield f"Invalid property name. Path: {key}"
    for key in ("Version", "StartAction", "Actions"):
        if key not in document:
            yield f"Flow is missing required property. Path: {key}"
    if document.get("Version", language.VERSION) != language.VERSION:
        yield f"Invalid Version; it must be {language.VERSION}. Path: Version"
    if not isinstance(document.get("Metadata", {}), dict):
        yield "Invalid property value. Path: Metadata"


def _actions_problems(
    context: Context, document: dict[str, Json], *, is_module: bool
) -> Iterator[str]:
    actions = document.get("Actions", [])
    if not isinstance(actions, list):
        yield "Invalid property value. Path: Actions"
        return
    if "Actions" in document and not 0 < len(actions) <= language.MOST_ACTIONS:
        yield (
            f"A flow has 1 to {language.MOST_ACTIONS} actions,"
            f" this one has {len(actions)}. Path: Actions"
        )
    identifiers = _identifiers(actions)
    start = document.get("StartAction", next(iter(identifiers), ""))
    if actions and not _is_known(start, identifiers):
        yield f"Action not found. Identifier: {start}, Path: StartAction"
    seen: set[str] = set()
    for index, action in enumerate(actions):
        path = f"Actions[{index}]"
        if not isinstance(action, dict):
            yield f"Invalid Action. Path: {path}"
            continue
        yield from _identifier_problems(action.get("Identifier"), path, seen)
        yield from _action_problems(action, path, identifiers, is_module=is_module)
        yield from check_references(
            context, action.get("Parameters", {}), f"{path}.Parameters"
        )


def _identifiers(actions: list[Json]) -> dict[str, None]:
    found = [item.get("Identifier") for item in actions if isinstance(item, dict)]
    return {item: None for item in found if isinstance(item, str)}


def _is_known(identifier: Json, identifiers: dict[str, None]) -> bool:
    return isinstance(identifier, str) and identifier in identifiers


def _identifier_problems(identifier: Json, path: str, seen: set[str]) -> Iterator[str]:
    at = f"Path: {path}.Identifier"
    if identifier is None:
        yield f"Action is missing required property. {at}"
        return
    if not isinstance(identifier, str) or not identifier:
        yield f"Invalid Action Identifier. {at}"
        return
    if identifier in seen:
        yield f"Action Identifier stands twice. Identifier: {identifier}, {at}"
    seen.add(identifier)
    if len(identifier) > language.LONGEST_IDENTIFIER:
        yield f"Action Identifier is longer than {language.LONGEST_IDENTIFIER}. {at}"
    if (
        identifier in language.FORBIDDEN_IDENTIFIERS
        or not language.FORBIDDEN_CHARACTERS.isdisjoint(identifier)
    ):
        yield f"Invalid Action Identifier. Identifier: {identifier}, {at}"


def _action_problems(
    action: dict[str, Json],
    path: str,
    identifiers: dict[str, None],
    *,
    is_module: bool,
) -> Iterator[str]:
    yield from _unknown_keys(action, _ACTION_KEYS, path)
    kind = action.get("Type")
    if kind is None:
        yield f"Action is missing required property. Path: {path}.Type"
    elif not isinstance(kind, str) or kind not in language.ACTION_TYPES:
        yield f"Invalid Action type. Type: {kind}, Path: {path}.Type"
    elif kind == language.MODULE_END and not is_module:
        yield f"Action type is for modules only. Type: {kind}, Path: {path}.Type"
    if not isinstance(action.get("Parameters", {}), dict):
        yield f"Invalid Action property value. Path: {path}.Parameters"
    transitions = action.get("Transitions")
    at = f"{path}.Transitions"
    if transitions is None:
        yield f"Action is missing required property. Path: {at}"
    elif not isinstance(transitions, dict):
        yield f"Invalid Action property value. Path: {at}"
    elif isinstance(kind, str) and kind in language.TERMINAL_TYPES:
        for key, value in transitions.items():
            if value != []:
                yield f"Action ends the flow and has no transitions. Path: {at}.{key}"
    else:
        must_go_on = not isinstance(kind, str) or kind not in language.LOOPING_TYPES
        yield from _transition_problems(
            transitions, at, identifiers, must_go_on=must_go_on
        )


def _transition_problems(
    transitions: dict[str, Json],
    path: str,
    identifiers: dict[str, None],
    *,
    must_go_on: bool,
) -> Iterator[str]:
    yield from _unknown_keys(transitions, _TRANSITION_KEYS, path)
    if "NextAction" in transitions or must_go_on:
        yield from _target_problems(transitions, path, identifiers)
    for key, keys in (("Errors", _ERROR_KEYS), ("Conditions", _BRANCH_KEYS)):
        branches = transitions.get(key, [])
        if not isinstance(branches, list):
            yield f"Invalid Action property value. Path: {path}.{key}"
            continue
        for index, branch in enumerate(branches):
            at = f"{path}.{key}[{index}]"
            if not isinstance(branch, dict):
                yield f"Invalid Action property value. Path: {at}"
                continue
            yield from _unknown_keys(branch, keys, at)
            if key == "Errors":
                yield from _error_problems(branch, at)
            else:
                yield from _condition_problems(branch.get("Condition"), at)
            yield from _target_problems(branch, at, identifiers)


def _error_problems(branch: dict[str, Json], path: str) -> Iterator[str]:
    error = branch.get("ErrorType")
    if not isinstance(error, str) or not error:
        yield f"Invalid Action error. Error: {error}, Path: {path}.ErrorType"


def _condition_problems(condition: Json, path: str) -> Iterator[str]:
    at = f"{path}.Condition"
    if not isinstance(condition, dict):
        yield f"Action is missing required property. Path: {at}"
        return
    yield from _unknown_keys(condition, _CONDITION_KEYS, at)
    operator = condition.get("Operator")
    if not isinstance(operator, str) or operator not in language.OPERATORS:
        yield f"Invalid Condition operator. Operator: {operator}, Path: {at}.Operator"
    operands = condition.get("Operands")
    if (
        not isinstance(operands, list)
        or not operands
        or not all(isinstance(operand, str) for operand in operands)
    ):
        yield f"Invalid Condition operands. Path: {at}.Operands"


def _target_problems(
    holder: dict[str, Json], path: str, identifiers: dict[str, None]
) -> Iterator[str]:
    target = holder.get("NextAction")
    if target is None:
        yield f"Action is missing required property. Path: {path}.NextAction"
    elif not _is_known(target, identifiers):
        yield f"Action not found. Identifier: {target}, Path: {path}.NextAction"


def _unknown_keys(
    holder: dict[str, Json], known: frozenset[str], path: str
) -> Iterator[str]:
    for key in holder:
        if key not in known:
            yield f"Invalid Action property name. Path: {path}.{key}"
