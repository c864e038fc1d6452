"""What a plan takes a render to mean is what its text means when it is read anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowops.model import Binding, BindingState, Reference, Resource
from flowops.project import WorkingTree, read_flow
from flowops.systems import connect
from flowops.systems.protocol import BoundFlow, Bundle, Flow

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "connect"
THERE = "arn:aws:connect:us-west-2:999988887777:instance/0bbbbbbb-1111-4222-8333-4"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real flows is not on this machine"
)


def corpus() -> list[Flow]:
    """Return the real flows of the current language."""
    index = json.loads((CORPUS / "index.json").read_text("utf-8"))
    names = [entry["file"] for entry in index if entry["fmt"] == "new"]
    return [read_flow(name, WorkingTree(CORPUS)) for name in names]


def rebound(flow: Flow, chosen: tuple[Reference, ...]) -> BoundFlow:
    answers = (
        Binding(
            reference,
            BindingState.RESOLVED,
            f"{THERE}/{reference.kind}/{number}",
            "test",
            Resource(
                reference.kind,
                f'Another "{number}" é',
                f"71569bb2-0000-4000-8000-{number:012}",
                f"{THERE}/{reference.kind}/{number}",
            ),
        )
        for number, reference in enumerate(chosen)
    )
    return BoundFlow(flow, tuple(answers), type=flow.type)


def differs(bound: BoundFlow) -> bool:
    bundle: Bundle = connect.render(bound)
    return connect.describe_bundle(bound, bundle) != connect.describe(bundle.state())


def test_a_flow_that_nothing_is_changed_in_means_what_its_text_means() -> None:
    flows = corpus()

    assert len(flows) >= 60
    assert [f.source.path for f in flows if differs(rebound(f, ()))] == []


def test_a_flow_with_new_references_means_what_its_text_means() -> None:
    flows = [flow for flow in corpus() if flow.references]
    changed = [f for f in flows if connect.render(rebound(f, f.references)).files]

    assert len(changed) >= 60
    assert [f.source.path for f in flows if differs(rebound(f, f.references))] == []


def test_each_reference_by_itself_means_what_its_text_means() -> None:
    wrong = [
        (flow.source.path, reference.path)
        for flow in corpus()
        for reference in flow.references
        if differs(rebound(flow, (reference,)))
    ]

    assert wrong == []
