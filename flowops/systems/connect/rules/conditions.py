"""How a block compares: operators, operands, and how deep conditions nest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.model import Severity
from flowops.systems.connect.rules.rule import Note, Rule, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.documents.json_text import JsonValue
    from flowops.model import Pointer

OPERATORS = frozenset(
    [
        "Equals",
        "NumberGreaterOrEqualTo",
        "NumberGreaterThan",
        "NumberLessOrEqualTo",
        "NumberLessThan",
        "TextContains",
        "TextEndsWith",
        "TextStartsWith",
    ]
)
DEEPEST = 5
MOST = 50
_SOURCE = "Flow language in the Amazon Connect API reference"


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition of a branch, at its place."""

    block: str
    pointer: Pointer
    value: JsonValue


def _conditions(subject: Subject) -> Iterator[_Condition]:
    for action in subject.actions:
        branches = action.transitions.get("Conditions")
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            here = ("Actions", action.index, "Transitions", "Conditions", index)
            value = branch.get("Condition") if isinstance(branch, dict) else None
            yield _Condition(action.identifier, (*here, "Condition"), value)


def _nested(value: JsonValue) -> list[JsonValue]:
    """Return the conditions inside a condition."""
    operands = value.get("Operands") if isinstance(value, dict) else None
    found = operands if isinstance(operands, list) else ()
    return [operand for operand in found if isinstance(operand, dict)]


def _operators(subject: Subject) -> Iterator[Note]:
    for condition in _conditions(subject):
        value = condition.value
        operator = value.get("Operator") if isinstance(value, dict) else None
        is_one = isinstance(operator, str) and operator in OPERATORS
        if not is_one and not _nested(value):
            words = f"block {condition.block}: the operator {operator!r} does not exist"
            known = ", ".join(sorted(OPERATORS))
            yield Note((*condition.pointer, "Operator"), words, f"there are {known}")


def _operands(subject: Subject) -> Iterator[Note]:
    for condition in _conditions(subject):
        value = condition.value
        operands = value.get("Operands") if isinstance(value, dict) else None
        if _nested(value):
            continue
        texts = isinstance(operands, list) and all(isinstance(o, str) for o in operands)
        if not texts or not operands:
            words = f"block {condition.block}: Operands must be a list of texts"
            yield Note((*condition.pointer, "Operands"), words)


def _limits(subject: Subject) -> Iterator[Note]:
    for condition in _conditions(subject):
        level, depth, count = [condition.value], 0, 0
        while level:
            depth, count = depth + 1, count + len(level)
            level = [below for value in level for below in _nested(value)]
        if depth > DEEPEST or count > MOST + 1:
            words = f"block {condition.block}: {count - 1} conditions {depth} deep"
            yield Note(condition.pointer, f"{words}; at most {MOST} and {DEEPEST}")


CONDITION_OPERATOR = Rule(
    "connect/condition-operator",
    Severity.ERROR,
    "A condition compares in a way that does not exist",
    f"The operators are {', '.join(f'`{word}`' for word in sorted(OPERATORS))}.",
    _SOURCE,
    _operators,
)
CONDITION_OPERANDS = Rule(
    "connect/condition-operands",
    Severity.WARNING,
    "A condition compares with something that is no text",
    "`Operands` is a list of texts, with one at least, for numbers too.",
    _SOURCE,
    _operands,
)
CONDITION_LIMITS = Rule(
    "connect/condition-limits",
    Severity.ERROR,
    "Conditions nest too deeply, or are too many",
    f"Conditions nest at most {DEEPEST} deep and hold at most {MOST} others.",
    _SOURCE,
    _limits,
)
