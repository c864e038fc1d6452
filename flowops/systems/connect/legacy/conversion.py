"""Turn a flow of the old language into one of the flow language 2019-10-30.

Ids, positions and names stay; what is not certain is noted with its block. Nothing
is guessed in silence: a block, a branch or a value that nothing known corresponds
to is refused. The same flow always gives the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.documents.canonical import pretty_json
from flowops.documents.json_text import locate_all
from flowops.errors import InputError
from flowops.systems.connect.language import VERSION
from flowops.systems.connect.legacy.blocks import (
    BLOCKS,
    COMMON,
    OLDEST,
    OUT_OF_THE_QUEUE,
    BlockRule,
    Outcome,
)
from flowops.systems.connect.legacy.draft import CannotConvertError, Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowops.documents.json_text import JsonValue
    from flowops.model import Location
    from flowops.systems.connect.legacy.language import Branch, LegacyFlow, Module

    Tree = dict[str, JsonValue]

_MILLISECONDS = 1000
_CUSTOMER_QUEUE = "CUSTOMER_QUEUE"
_OPERATORS = {
    "Equals": "Equals",
    "Contains": "TextContains",
    "StartsWith": "TextStartsWith",
    "GreaterThan": "NumberGreaterThan",
    "GreaterThanOrEqualTo": "NumberGreaterOrEqualTo",
    "LessThan": "NumberLessThan",
    "LessThanOrEqualTo": "NumberLessOrEqualTo",
}
_ASSUMED_OPERATORS = frozenset(["StartsWith", "LessThanOrEqualTo"])
_WITHOUT_SUCCESS = ("Complete", "Error", "NoMatch")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person should look at before the flow is published."""

    block: str
    type: str
    words: str
    location: Location


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted flow as text, and what is in doubt about it."""

    content: str
    blocks: int
    doubts: tuple[Doubt, ...]


def convert_flow(flow: LegacyFlow) -> Conversion:
    """Convert a legacy flow.

    Raises ``InputError`` with the place of a block that cannot be converted.
    """
    places = locate_all(flow.source, [("modules", m.index) for m in flow.modules])
    drafts: list[Draft] = []
    actions: list[JsonValue] = []
    for module in flow.modules:
        try:
            draft, transitions = _convert(module, flow.type)
        except CannotConvertError as error:
            raise InputError(
                f"block {module.id} ({module.word}) cannot be converted: {error}",
                hint="take it out in the old file, or draw the flow again",
                location=places["modules", module.index],
            ) from error
        drafts.append(draft)
        actions.append(_action(draft, transitions))
    document: Tree = {
        "Version": VERSION,
        "StartAction": flow.start,
        "Metadata": _metadata(flow, drafts),
        "Actions": actions,
    }
    doubts = (
        Doubt(d.module.id, d.module.word, words, places["modules", d.module.index])
        for d in drafts
        for words in d.doubts
    )
    return Conversion(pretty_json(document), len(actions), tuple(doubts))


def _convert(module: Module, flow_type: str) -> tuple[Draft, Tree]:
    rule = BLOCKS.get(module.word) or BLOCKS.get(module.type)
    if rule is None:
        raise CannotConvertError("this type of block is unknown")
    if rule.type == "TransferContactToQueue" and flow_type == _CUSTOMER_QUEUE:
        rule = OUT_OF_THE_QUEUE
    draft = Draft(module, flow_type, rule.type)
    if not rule.paired:
        draft.doubt(f"{rule.type} follows the documentation; no export shows both")
    elif module.type in OLDEST:
        draft.doubt("a block of the oldest generation; no export shows both")
    if rule.fill:
        rule.fill(draft)
    for old, new in rule.copies.items():
        draft.copy(old, new)
    draft.doubt_the_unused()
    return draft, _transitions(draft, rule)


def _action(draft: Draft, transitions: Tree) -> JsonValue:
    return {
        "Parameters": draft.parameters,
        "Identifier": draft.module.id,
        "Type": draft.type,
        "Transitions": transitions,
    }


def _transitions(draft: Draft, rule: BlockRule) -> Tree:
    branches = draft.module.branches
    if rule.ends:
        for branch in branches:
            draft.doubt(f"the branch {branch.condition} is left out: the block ends")
        return {}
    if rule.percent:
        return _shares(draft)
    errors: list[JsonValue] = []
    conditions: list[JsonValue] = []
    for branch in branches:
        outcome = rule.outcomes.get(branch.condition) or COMMON.get(branch.condition)
        if outcome is None:
            raise CannotConvertError(f"the branch {branch.condition!r} is unknown")
        if outcome.error:
            errors.append({"NextAction": branch.transition, "ErrorType": outcome.error})
        elif outcome.compares:
            conditions.append(_condition(draft, branch, outcome))
    return _joined(branches, errors, conditions)


def _joined(
    branches: Sequence[Branch], errors: list[JsonValue], conditions: list[JsonValue]
) -> Tree:
    """Put the parts together; without success the console goes on as on an error."""
    transitions: Tree = {}
    if branches:
        transitions["NextAction"] = _next(branches)
    if errors:
        transitions["Errors"] = errors
    if conditions:
        transitions["Conditions"] = conditions
    return transitions


def _next(branches: Iterable[Branch]) -> str:
    targets: dict[str, str] = {}
    for branch in branches:
        targets.setdefault(branch.condition, branch.transition)
    for condition in ("Success", *_WITHOUT_SUCCESS):
        if condition in targets:
            return targets[condition]
    return next(iter(targets.values()))


def _condition(draft: Draft, branch: Branch, outcome: Outcome) -> JsonValue:
    operator, operand = outcome.operator, outcome.operand
    if not operator:
        operator = _OPERATORS.get(branch.operator or "Equals", "")
        operand = _operand(draft, branch)
    if not operator:
        raise CannotConvertError(f"the comparison {branch.operator!r} is unknown")
    if branch.operator in _ASSUMED_OPERATORS:
        draft.doubt(f"the comparison {branch.operator} became {operator}, by its words")
    return {
        "NextAction": branch.transition,
        "Condition": {"Operator": operator, "Operands": [operand]},
    }


def _operand(draft: Draft, branch: Branch) -> str:
    """Return what a branch compares with; the time in a queue was milliseconds."""
    if branch.condition != "CheckQueueTime":
        return branch.operand
    if not branch.operand.isdecimal():
        raise CannotConvertError(f"the time {branch.operand!r} is no number")
    seconds = int(branch.operand) // _MILLISECONDS
    draft.doubt(f"{branch.operand} milliseconds became {seconds} seconds")
    return str(seconds)


def _shares(draft: Draft) -> Tree:
    """Turn the share of each branch into a limit that a random number stays below."""
    conditions: list[JsonValue] = []
    plain: list[Branch] = []
    total = 1
    for branch in draft.module.branches:
        if not branch.operand:
            plain.append(branch)
            continue
        if not branch.operand.isdecimal():
            raise CannotConvertError(f"the share {branch.operand!r} is no number")
        total += int(branch.operand)
        limit = {"Operator": "NumberLessThan", "Operands": [str(total)]}
        conditions.append({"NextAction": branch.transition, "Condition": limit})
    if [branch.condition for branch in plain] != ["NoMatch"]:
        raise CannotConvertError("it has no branch for the rest")
    rest = {"NextAction": plain[0].transition, "ErrorType": "NoMatchingCondition"}
    return _joined(plain, [rest], conditions)


def _metadata(flow: LegacyFlow, drafts: Iterable[Draft]) -> Tree:
    """Keep the canvas and the names; a hash of the old content means nothing now."""
    metadata: Tree = {k: v for k, v in flow.metadata.items() if k != "hash"}
    metadata["ActionMetadata"] = {d.module.id: _shown(d) for d in drafts}
    if "type" not in metadata and flow.type:
        metadata["type"] = flow.type
    return metadata


def _shown(draft: Draft) -> JsonValue:
    shown: Tree = dict(draft.module.metadata)
    if draft.shown:
        shown["parameters"] = draft.shown
    if draft.type == "UpdateContactAttributes":
        shown["dynamicParams"] = [
            p.key for p in draft.module.all_named("Attribute") if p.namespace
        ]
    return shown
