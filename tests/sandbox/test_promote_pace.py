"""A promote asks no more than it must, and takes no longer than its rate allows.

The floor of calls, for flows that are all new or all changed: one to learn whose
instance it is, one list for each kind and page, and for each flow

* new: one to create it, one to make it live (a module is live when it is created),
  one to read it back, one to keep a version, and one to note that on a tag;
* changed: one to read it for the plan, one to make it live, one to read it back, one
  to tag it, and a version for each content that none holds yet.

Reading back what was written is part of what a promote is for, and so of the least.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from flowops.cli import writing
from flowops.model import Address
from flowops.plan.making import CREATE, Plan
from flowops.promote import Outcome, Promotion, promote
from flowops.systems.connect.rates import Rate, least_seconds
from tests.support.contact_flows import INSTANCE as OLD
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import (
    SandboxProject,
    copy_example,
    held_by_staging,
)
from tests.support.simulations import RATE, Simulation, paced

ID = "71569bb2-0000-4000-8000-00000000"
PAGE = 1000
WORDS = ("ContactFlow", "ContactFlowModule")
WITHIN = 1.05
LEAST = 1.02
REST = 60.0
"""Seconds between two commands: a new one does not know what the last one asked."""


@dataclass(slots=True)
class Measured:
    """What the writing of each promote took, and what it was said to take."""

    simulation: Simulation
    took: list[float] = field(default_factory=list)
    estimated: list[float] = field(default_factory=list)

    def promote(self, plan: Plan, promotion: Promotion) -> Outcome:
        creates = [c.address for c in plan.writes if c.action == CREATE]
        updates = [c.address for c in plan.writes if c.action != CREATE]
        target = promotion.targets["connect"]
        self.estimated.append(target.estimate(creates, updates))
        before = self.simulation.now
        outcome = promote(plan, promotion)
        self.took.append(self.simulation.now - before)
        return outcome


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def measured(simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> Measured:
    found = Measured(simulation)
    monkeypatch.setattr(writing, "promote", found.promote)
    return found


@pytest.fixture
def project(
    tmp_path: Path, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxProject]:
    root = copy_example(tmp_path / "project")
    for path in ("connect/main-ivr.json", "event_processing/large-orders.json"):
        (root / "flows" / path).unlink()
    staging = root / "environments" / "staging.yaml"
    staging.write_text(staging.read_text("utf-8").split("\nflows:")[0], "utf-8")
    (root / "environments" / "base.yaml").write_text("", "utf-8")
    held = held_by_staging()
    with paced(root, held, simulation, monkeypatch) as served:
        yield served


def write(project: SandboxProject, name: str, document: Mapping[str, object]) -> None:
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(document), "utf-8")


def write_flows(project: SandboxProject, count: int, modules: int, text: str) -> None:
    """Write modules, and flows that each call a module and lead to the next flow."""
    for number in range(modules):
        module = contact_flow(
            [
                action("say", "MessageParticipant", {"Text": text}, "end"),
                action("end", "EndFlowModuleExecution"),
            ],
            name=f"Module {number:03}",
        )
        write(project, f"module-{number}", {**module, "Settings": {}})
    for number in range(count):
        used, following = f"Module {number % modules:03}", f"Flow {number + 1:03}"
        actions = [
            action("say", "MessageParticipant", {"Text": text}, "use"),
            action("use", "InvokeFlowModule", {"FlowModuleId": f"{ID}0001"}, "to"),
        ]
        shown: dict[str, Any] = {"use": {"contactFlowModuleName": used}}
        if number + 1 < count:
            parameters = {"ContactFlowId": f"{OLD}/contact-flow/{ID}0002"}
            actions.append(action("to", "TransferToFlow", parameters, "end"))
            shown["to"] = {"ContactFlow": {"text": following}}
        else:
            actions.append(action("to", "Wait", {}, "end"))
        actions.append(action("end", "DisconnectParticipant"))
        name = f"Flow {number:03}"
        write(project, f"flow-{number}", contact_flow(actions, shown, name=name))


def run(project: SandboxProject, simulation: Simulation) -> float:
    """Promote everything, and return the seconds it took."""
    simulation.now += REST
    start = simulation.now
    allowed = ("--yes", "--allow", "too-many-changes")
    result = project.run("promote", "staging", *allowed)
    assert result.code == 0, result.err
    return simulation.now - start


def asked(project: SandboxProject) -> Counter[str]:
    """Count the calls since the last look."""
    found = Counter(call.operation for call in project.sandbox.calls)
    project.sandbox.calls.clear()
    return found


def least(flows: int, modules: int, of_flow: int, of_module: int) -> int:
    """Return the least calls, with those that look for who and what is there."""
    lists = [max(1, ceil(count / PAGE)) for count in (flows, modules)]
    searches = 3  # for what bears the mark of the project: flows, modules, views
    own = flows * of_flow + modules * of_module
    return 1 + sum(lists) + searches + own


def floor(*phases: Mapping[str, int]) -> float:
    """Return the seconds that the busiest operation of each phase takes at least."""
    return least_seconds(phases, RATE)


@pytest.mark.slow
def test_300_flows_take_as_long_as_the_rate_makes_them(
    project: SandboxProject, measured: Measured, simulation: Simulation
) -> None:
    """Nothing is published before everything is created: these two add up."""
    write_flows(project, 280, 20, "one")
    took = run(project, simulation)
    calls = asked(project)
    assert calls.total() <= least(280, 20, of_flow=5, of_module=4) * LEAST
    creating = {f"Create{word}": calls[f"Create{word}"] for word in WORDS}
    publishing = {k: n for k, n in calls.items() if k not in creating}
    lowest = floor(creating, publishing)
    assert lowest <= took <= lowest * WITHIN

    write_flows(project, 280, 20, "two")
    took = run(project, simulation)
    calls = asked(project)
    assert calls.total() <= least(280, 20, of_flow=5, of_module=5) * LEAST
    assert floor(calls) <= took <= floor(calls) * WITHIN

    assert project.sandbox.throttle
    assert project.sandbox.throttle.refused == 0
    assert len(measured.took) == 2
    for seconds, said in zip(measured.took, measured.estimated, strict=True):
        assert seconds / WITHIN <= said <= seconds * WITHIN


def test_a_plan_without_changes_asks_once_for_each_flow(
    project: SandboxProject, simulation: Simulation
) -> None:
    write_flows(project, 6, 2, "one")
    run(project, simulation)
    asked(project)
    simulation.now += REST
    assert "No changes." in project.run("plan", "staging").out
    assert asked(project).total() == least(6, 2, of_flow=1, of_module=1)


@pytest.mark.parametrize("snapshots", ["true", "false"])
def test_no_call_is_made_that_is_not_needed(
    project: SandboxProject, simulation: Simulation, snapshots: str
) -> None:
    project.edit_environment(snapshots, "targets", "connect", "snapshots")
    kept = snapshots == "true"
    write_flows(project, 6, 2, "one")
    run(project, simulation)
    calls = asked(project)
    more = (2, 2) if kept else (0, 0)  # a version, and the tag that names it
    assert calls.total() == least(6, 2, 3 + more[0], 2 + more[1])
    assert calls["CreateContactFlowVersion"] == (6 if kept else 0)
    write_flows(project, 6, 2, "two")
    run(project, simulation)
    calls = asked(project)
    assert calls.total() == least(6, 2, 4 + kept, 4 + kept)
    assert calls["CreateContactFlowVersion"] == (6 if kept else 0)
    assert calls["DescribeContactFlow"] == 12


def test_an_estimate_needs_no_call_and_knows_no_pace_without_a_limit(
    example: SandboxProject,
) -> None:
    from flowops.cli.workspace import load, open_targets, open_workspace

    workspace = open_workspace(example.root, [])
    targets = open_targets(workspace.project, load(workspace, "staging"))
    flows: Collection[Address] = [Address("connect", "contact-flow", "A")] * 300
    assert targets["connect"].estimate(flows, ()) == 0.0
    assert targets["event_processing"].estimate(flows, ()) == 0.0
    example.edit_environment("2", "targets", "connect", "rate")
    targets = open_targets(workspace.project, load(workspace, "staging"))
    assert targets["connect"].estimate(flows, ()) == pytest.approx(
        2 * 295 / 2, rel=0.02
    )
    assert targets["connect"].estimate((), flows) == pytest.approx(595 / 2, rel=0.02)
    assert targets["connect"].estimate((), ()) == 0.0
    assert example.sandbox.calls == []


@pytest.mark.parametrize(
    ("phases", "seconds"),
    [
        ([], 0.0),
        ([{"A": 5}], 0.0),
        ([{"A": 6}], 0.5),
        ([{"A": 300, "B": 200}], 147.5),
        ([{"A": 300}, {"B": 300}], 295.0),
        ([{"A": 300}, {"A": 300}], 297.5),
        ([{"A": 5}, {"B": 25}, {"A": 5}], 10.0),
    ],
)
def test_the_least_time_is_that_of_the_busiest_operation_of_each_phase(
    phases: Iterable[Mapping[str, int]], seconds: float
) -> None:
    assert least_seconds(phases, Rate(2, 5)) == seconds
