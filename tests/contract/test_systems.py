"""Both systems through the same tests of the System and Target Protocols.

A test that takes ``opened`` holds for every target: tests/flink/test_contract.py runs
those on a real cluster.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from flowops.documents.json_text import parse_json
from flowops.documents.source import SourceText, decode
from flowops.errors import FlowOpsError
from flowops.model import Binding, BindingState, Location
from flowops.on_branch import open_on_branch
from flowops.project import WorkingTree, read_flow
from flowops.systems import SYSTEMS
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer
from flowops.systems.protocol import (
    BoundFlow,
    Bundle,
    Flow,
    Mark,
    System,
    Target,
    TargetSettings,
)
from tests.support.projects import EXAMPLE, held_by_staging
from tests.support.repositories import new_repository

Made = Callable[[], Target]


@dataclass(frozen=True, slots=True)
class Case:
    """One system, a flow of it, and a place to promote it to.

    Each promote is a run of its own; ``run`` is how the names of these runs begin.
    """

    system: System
    path: str
    run: str = "run"
    branch: str = ""

    @property
    def first(self) -> Mark:
        return Mark("project", f"{self.run}-1", "sha256:0")

    @property
    def second(self) -> Mark:
        return Mark("project", f"{self.run}-2", "sha256:1")

    def flow(self) -> Flow:
        return read_flow(self.path, WorkingTree(EXAMPLE))

    def bundle(self, target: Target) -> Bundle:
        return self.system.render(bind(self.flow(), target))


CASES = [
    Case(SYSTEMS["connect"], "flows/connect/main-ivr.json"),
    Case(SYSTEMS["event_processing"], "flows/event_processing/large-orders.json"),
    Case(
        SYSTEMS["event_processing"],
        "flows/event_processing/large-orders.json",
        branch="deploy",
    ),
]


def bind(flow: Flow, target: Target) -> BoundFlow:
    """Answer references with the first resource of their kind."""
    inventory = target.inventory({r.kind for r in flow.references})
    answers = []
    for reference in flow.references:
        if reference.kind not in inventory.kinds:
            continue
        resource = inventory.of_kind(reference.kind)[0]
        value = resource.id if reference.form == "id" else resource.arn
        answers.append(
            Binding(reference, BindingState.RESOLVED, value, "test", resource)
        )
    return BoundFlow(flow, tuple(answers), flow.settings, type=flow.type, live=None)


def name_of(case: Case) -> str:
    return f"{case.system.name}-on-a-branch" if case.branch else str(case.system.name)


@pytest.fixture(params=CASES, ids=name_of)
def case(request: pytest.FixtureRequest) -> Case:
    assert isinstance(request.param, Case)
    return request.param


@contextmanager
def targets(case: Case, root: Path) -> Iterator[Made]:
    """Give a way to open the same target as often as wanted."""
    place = Location("environments/staging.yaml")
    if case.system.name == "event_processing":
        values = {"path": "out"}
        settings = TargetSettings(
            "event_processing", "directory", values, place, root, "staging"
        )
        if case.branch:
            new_repository(root)
            settings = replace(settings, values={**values, "branch": case.branch})
            yield lambda: open_on_branch(settings, case.system.open_target)
            return
        yield lambda: case.system.open_target(settings)
        return
    sandbox = Sandbox(SandboxInventory.parse(held_by_staging()))
    with SandboxServer(sandbox) as server:
        values = {"url": server.url, "instance": sandbox.instance_arn}
        settings = TargetSettings("connect", "sandbox", values, place, root, "staging")
        yield lambda: case.system.open_target(settings)
    sandbox.close()


@pytest.fixture
def opened(case: Case, tmp_path: Path) -> Iterator[Made]:
    with targets(case, tmp_path) as made:
        yield made


def promote(target: Target, bundle: Bundle, mark: Mark) -> None:
    target.reserve([bundle], mark)
    target.stage(bundle)
    target.publish(bundle, mark)


def test_names_are_registered(case: Case) -> None:
    assert SYSTEMS[case.system.name] is case.system
    assert case.system.target_kinds


def test_each_flow_belongs_to_one_system(case: Case) -> None:
    data = (EXAMPLE / case.path).read_bytes()
    root = parse_json(decode(case.path, data))
    assert [s.name for s in SYSTEMS.values() if s.recognises(root)] == [
        case.system.name
    ]


@pytest.mark.parametrize("root", [None, 1, "x", [], {}, {"a": 1}])
def test_nothing_else_is_recognised(case: Case, root: None) -> None:
    assert not case.system.recognises(root)


def test_bytes_come_back(case: Case) -> None:
    assert case.flow().source.to_bytes() == (EXAMPLE / case.path).read_bytes()


def test_reading_is_deterministic(case: Case) -> None:
    assert case.flow() == case.flow()


def test_every_truncation_is_refused_with_a_place(case: Case) -> None:
    text = (EXAMPLE / case.path).read_text("utf-8")
    for end in range(0, len(text) - 2, 997):
        source = decode(case.path, text[:end].encode())
        with pytest.raises(FlowOpsError) as error:
            parse_json(source)
        assert error.value.location is not None


def test_every_missing_key_is_refused_or_read(case: Case) -> None:
    """Take out each key in turn: a FlowOpsError with a place, or a flow."""
    root = json.loads((EXAMPLE / case.path).read_text("utf-8"))
    for damaged in without_each_key(root):
        source = decode(case.path, json.dumps(damaged).encode())
        if not case.system.recognises(parse_json(source)):
            continue
        assert reads_or_is_placed(case, source), damaged


def test_every_wrong_type_is_refused_or_read(case: Case) -> None:
    """Replace each value in turn by one of another type."""
    root = json.loads((EXAMPLE / case.path).read_text("utf-8"))
    for damaged in with_each_value_replaced(root):
        source = decode(case.path, json.dumps(damaged).encode())
        if not case.system.recognises(parse_json(source)):
            continue
        assert reads_or_is_placed(case, source), damaged


def reads_or_is_placed(case: Case, source: SourceText) -> bool:
    """Tell whether a file reads and renders, or is refused with a place."""
    try:
        flow = case.system.read(source, parse_json(source))
        case.system.render(BoundFlow(flow, settings=flow.settings))
    except FlowOpsError as error:
        return error.location is not None
    return True


def without_each_key(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
            for below in without_each_key(value[key]):
                yield value | {key: below}
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
            for below in without_each_key(value[index]):
                yield [*value[:index], below, *value[index + 1 :]]


def with_each_value_replaced(value: object) -> Iterator[object]:
    yield from [None, 7] if not isinstance(value, int) else [None, "x"]
    if isinstance(value, dict):
        for key in value:
            for below in with_each_value_replaced(value[key]):
                yield value | {key: below}
    elif isinstance(value, list):
        for index in range(len(value)):
            for below in with_each_value_replaced(value[index]):
                yield [*value[:index], below, *value[index + 1 :]]


def test_identity_is_known_without_a_call(case: Case, opened: Made) -> None:
    identity = opened().identity
    assert identity.system == case.system.name
    assert identity.kind in case.system.target_kinds
    assert identity.id


def test_what_was_promoted_is_read_back_equal(case: Case, opened: Made) -> None:
    target = opened()
    target.verify()
    bundle = case.bundle(target)
    address = bundle.address
    assert target.read({address: "published"}) == {}
    promote(target, bundle, case.first)
    state = opened().read({address: "published"})[address]
    found, wanted = case.system.describe(state), case.system.describe(bundle.state())
    assert found.blocks == wanted.blocks
    assert found.edges == wanted.edges
    assert found.layout == wanted.layout
    assert found.fingerprint == wanted.fingerprint
    shared = {k: found.attributes.get(k) for k in wanted.attributes}
    assert shared == dict(wanted.attributes)


def test_nothing_goes_live_before_publish(case: Case, opened: Made) -> None:
    target = opened()
    bundle = case.bundle(target)
    target.reserve([bundle], case.first)
    target.stage(bundle)
    live = opened().read({bundle.address: "published"})
    assert all(s.attributes.get("status") == "saved" for s in live.values())


def test_promoting_again_changes_nothing(case: Case, opened: Made) -> None:
    target = opened()
    bundle = case.bundle(target)
    promote(target, bundle, case.first)
    before = target.read({bundle.address: "published"})[bundle.address]
    promote(opened(), bundle, case.second)
    after = opened().read({bundle.address: "published"})[bundle.address]
    assert after.files == before.files
    assert case.system.describe(after) == case.system.describe(before)


def test_a_new_flow_is_taken_away_again(case: Case, opened: Made) -> None:
    target = opened()
    bundle = case.bundle(target)
    promote(target, bundle, case.first)
    assert target.restore(bundle.address, None, case.first.run)
    assert opened().read({bundle.address: "published"}) == {}


def test_an_older_flow_is_put_back(case: Case, opened: Made) -> None:
    first = opened()
    bundle = case.bundle(first)
    promote(first, bundle, case.first)
    target = opened()
    before = target.read({bundle.address: "published"})
    promote(target, changed(case, target), case.second)
    assert target.read({bundle.address: "published"}) != before
    assert target.restore(bundle.address, before[bundle.address], case.second.run)
    after = opened().read({bundle.address: "published"})[bundle.address]
    old = before[bundle.address]
    assert case.system.describe(after) == case.system.describe(old)


def test_a_flow_of_another_run_is_not_taken_away(case: Case, opened: Made) -> None:
    target = opened()
    bundle = case.bundle(target)
    promote(target, bundle, case.first)
    assert not target.restore(bundle.address, None, "another run")
    assert bundle.address in opened().read({bundle.address: "published"})


def test_what_a_project_wrote_bears_its_mark(case: Case, opened: Made) -> None:
    target = opened()
    assert target.managed("project") == {}
    bundle = case.bundle(target)
    promote(target, bundle, case.first)
    assert opened().managed("project") == {bundle.address: True}
    assert opened().managed("another") == {}


def test_a_changed_flow_takes_the_new_mark(case: Case, opened: Made) -> None:
    first = opened()
    promote(first, case.bundle(first), case.first)
    target = opened()
    bundle = changed(case, target)
    promote(target, bundle, replace(case.second, project="another"))
    assert list(opened().managed("another")) == [bundle.address]
    assert opened().managed("project") == {}


def test_a_removed_flow_is_gone(case: Case, opened: Made) -> None:
    target = opened()
    bundle = case.bundle(target)
    promote(target, bundle, case.first)
    opened().remove(bundle.address)
    assert opened().read({bundle.address: "published"}) == {}
    assert opened().managed("project") == {}


def test_nothing_refers_to_a_flow_nobody_uses(case: Case, opened: Made) -> None:
    target = opened()
    bundle = case.bundle(target)
    promote(target, bundle, case.first)
    assert list(target.referrers(bundle.address)) == []
    assert dict(target.drafts([bundle.address])) == {}


def test_what_was_not_touched_needs_no_restoring(case: Case, opened: Made) -> None:
    first = opened()
    bundle = case.bundle(first)
    promote(first, bundle, case.first)
    target = opened()
    before = target.read({bundle.address: "published"})
    assert not target.restore(bundle.address, before[bundle.address], case.second.run)


def changed(case: Case, target: Target) -> Bundle:
    """Return the bundle of an edited flow: one text in it differs."""
    text = (EXAMPLE / case.path).read_text("utf-8")
    old, new = {
        "connect": ("We are closed.", "We open at nine."),
        "event_processing": ("> 1000", "> 2000"),
    }[case.system.name]
    assert old in text
    source = decode(case.path, text.replace(old, new).encode())
    flow = case.system.read(source, parse_json(source))
    return case.system.render(bind(flow, target))
