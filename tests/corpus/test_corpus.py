"""Real flows: each reads and comes back byte for byte, or is refused with a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from flowops.errors import FlowOpsError
from flowops.model import Inventory, Location
from flowops.overlays.environment import Environment
from flowops.overlays.flow_overlay import FlowOverlays
from flowops.plan.making import Baseline, Request, make_plan
from flowops.project import WorkingTree, read_flow
from flowops.systems.protocol import Flow, FlowState

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real flows is not on this machine"
)


def flows_of(folder: str) -> tuple[dict[str, Flow], dict[str, FlowOpsError]]:
    root = CORPUS / folder
    tree = WorkingTree(root)
    read: dict[str, Flow] = {}
    refused: dict[str, FlowOpsError] = {}
    for path in sorted(root.rglob("*.json")):
        name = path.relative_to(root).as_posix()
        if name == "index.json":
            continue
        try:
            read[name] = read_flow(name, tree)
        except FlowOpsError as error:
            refused[name] = error
    return read, refused


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("connect", Counter({"read": 198})),
        ("event_processing", Counter({"read": 7})),
    ],
)
def test_every_file_reads_or_is_refused(
    folder: str, expected: Counter[str], record_property: Callable[[str, object], None]
) -> None:
    read, refused = flows_of(folder)
    for name, flow in read.items():
        assert flow.source.to_bytes() == (CORPUS / folder / name).read_bytes(), name
    for name, error in refused.items():
        assert error.location is not None, name
        assert error.location.path == name
        assert error.hint
    counts = Counter({"read": len(read)})
    counts["refused"] += len(refused)
    record_property(f"{folder} read", len(read))
    record_property(f"{folder} refused", len(refused))
    assert counts == expected, dict(counts)
    assert len(read) + len(refused) == sum(expected.values())


@pytest.mark.parametrize("folder", ["connect", "event_processing"])
def test_every_flow_that_reads_can_be_planned_and_rendered(folder: str) -> None:
    """Offline, against nothing: no reference is lost and no byte is changed."""
    read, _ = flows_of(folder)
    for name, flow in read.items():
        environment = Environment("test", Location("environments/test.yaml"))
        request = Request(
            "test", (flow,), frozenset([flow.address]), FlowOverlays(environment)
        )
        baseline = Baseline(flow.address.system, "nothing", {})
        plan = make_plan(request, {flow.address.system: baseline})
        (change,) = plan.changes
        assert change.bound is not None
        assert len(change.bound.bindings) == len(flow.references), name
        if flow.address.system == "connect" and change.bundle:
            content = str(change.bundle.files["content.json"])
            assert content == flow.source.text.open().removeprefix("\ufeff"), name


def test_no_reference_of_another_instance_is_taken_for_resolved() -> None:
    read, _ = flows_of("connect")
    inventory = Inventory(
        (), frozenset(r.kind for f in read.values() for r in f.references)
    )
    for name, flow in read.items():
        environment = Environment("test", Location("environments/test.yaml"))
        request = Request("test", (flow,), (), FlowOverlays(environment))
        states = {flow.address: _state(flow)}
        plan = make_plan(
            request, {"connect": Baseline("connect", "test", states, inventory)}
        )
        (change,) = plan.changes
        assert change.bound is not None
        static = [b for b in change.bound.bindings if b.reference.form != "dynamic"]
        assert all(b.state in ("unresolved", "placeholder") for b in static), name


def _state(flow: Flow) -> FlowState:
    return FlowState(flow.address, {"content.json": flow.source.text.open()})
