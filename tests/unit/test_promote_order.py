"""The order of a promote: what is needed first, however long the way to it."""

from __future__ import annotations

from collections.abc import Sequence

from flowops.documents.source import source_text
from flowops.model import (
    Address,
    Binding,
    BindingState,
    Location,
    Reference,
    ReferenceForm,
    Resource,
)
from flowops.plan.making import CREATE, PlannedChange
from flowops.promote import _in_order
from flowops.systems.protocol import BoundFlow, Flow

FLOW, MODULE, VIEW = "contact-flow", "flow-module", "view"


def change(kind: str, name: str, *needs: tuple[str, str]) -> PlannedChange:
    address = Address("connect", kind, name)
    bindings = tuple(
        Binding(
            Reference(of, (), "", ReferenceForm.NAME, "block", Location("x")),
            BindingState.RESOLVED,
            "",
            "test",
            Resource(of, needed),
        )
        for of, needed in needs
    )
    bound = BoundFlow(Flow(address, source_text("x", "")), bindings)
    return PlannedChange(address, "", CREATE, bound)


def order(*changes: PlannedChange) -> list[str]:
    return [found.address.name for found in _in_order(changes)]


def test_what_is_needed_comes_right_before() -> None:
    changes = [
        change(FLOW, "A", (MODULE, "m"), (VIEW, "v")),
        change(FLOW, "B", (MODULE, "n")),
        change(MODULE, "m", (VIEW, "v")),
        change(MODULE, "n"),
        change(VIEW, "v"),
    ]
    assert order(*changes) == ["v", "m", "A", "n", "B"]
    assert order(*reversed(changes)) == ["v", "m", "A", "n", "B"]


def test_a_circle_is_entered_where_it_starts() -> None:
    circle: Sequence[PlannedChange] = [
        change(FLOW, "A", (FLOW, "B")),
        change(FLOW, "B", (FLOW, "C"), (FLOW, "B")),
        change(FLOW, "C", (FLOW, "A"), (VIEW, "v"), (FLOW, "not promoted")),
        change(VIEW, "v"),
    ]
    assert order(*circle) == ["v", "C", "B", "A"]


def test_a_way_may_be_longer_than_python_calls_deep() -> None:
    names = [f"{number:05}" for number in range(5_000)]
    needs = [[(FLOW, name)] for name in names[1:]]
    changes = [change(FLOW, n, *m) for n, m in zip(names, [*needs, []], strict=True)]
    assert order(*changes) == names[::-1]
