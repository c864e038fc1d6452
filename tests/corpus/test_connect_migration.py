"""Real flows move from one instance to another where things have the same names."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowops.project import WorkingTree, read_flow
from flowops.systems.connect.inventory import INVENTORY_KINDS
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer
from flowops.systems.protocol import Flow
from tests.support.projects import Result, connect_client, run
from tests.support.repositories import Repository, new_repository

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "connect"
KEYS = {
    "contact-flow": "contact_flows",
    "flow-module": "flow_modules",
    "hours-of-operation": "hours_of_operation",
    "lambda-function": "lambda_functions",
    "lex-bot-alias": "lex_bots",
    "phone-number": "phone_numbers",
    "prompt": "prompts",
    "queue": "queues",
    "security-key": "security_keys",
    "quick-connect": "quick_connects",
    "task-template": "task_templates",
    "user": "users",
    "view": "views",
}
OLD = {"alias": "old", "region": "eu-west-1", "account": "111122223333"}
NEW = {"alias": "new", "region": "us-west-2", "account": "999988887777"}
ARN = re.compile(r"arn:[^\s\"',;|<>]+")
Content = dict[str, Any]

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real flows is not on this machine"
)


def movable() -> dict[Path, Flow]:
    """Return the flows of the current language that only refer to what has a name."""
    index = json.loads((CORPUS / "index.json").read_text("utf-8"))
    names = [entry["file"] for entry in index if entry["fmt"] == "new"]
    flows = {CORPUS / name: read_flow(name, WorkingTree(CORPUS)) for name in names}
    return {
        path: flow
        for path, flow in flows.items()
        if can_move(flow) and can_be_published(path)
    }


def can_be_published(path: Path) -> bool:
    """Say no to the two flows of scripts in which an action lacks its transitions."""
    actions = json.loads(path.read_text("utf-8-sig"))["Actions"]
    return all("Transitions" in action for action in actions)


def can_move(flow: Flow) -> bool:
    broken = any(finding.severity == "error" for finding in flow.findings)
    return not broken and all(
        reference.form == "dynamic"
        or reference.regional
        or (
            reference.kind in INVENTORY_KINDS
            and reference.form not in ("placeholder", "empty")
            and reference.name
        )
        for reference in flow.references
    )


def held(instance: Mapping[str, str], flows: Mapping[Path, Flow]) -> Mapping[str, Any]:
    """Return an instance that holds something of every name the flows refer to."""
    names: dict[str, set[str]] = defaultdict(set)
    for reference in (r for flow in flows.values() for r in flow.references):
        if reference.form != "dynamic" and not reference.regional:
            names[KEYS[reference.kind]].add(reference.name)
    return {"instance": instance, **{key: sorted(names[key]) for key in names}}


@dataclass(frozen=True, slots=True)
class Migration:
    """A project whose files were taken from the old instance."""

    root: Path
    new: Sandbox
    client: Any
    flows: Mapping[str, Flow]

    def run(self, *words: str) -> Result:
        Repository(self.root).commit()
        return run(*words, "--project", str(self.root))

    def plan(self) -> dict[str, Any]:
        document = json.loads(self.run("plan", "new", "--format", "json").out)
        assert isinstance(document, dict)
        return document

    def contents(self) -> dict[str, Content]:
        return contents(self.client, self.new.instance_id)


def contents(client: Any, instance: str) -> dict[str, Content]:
    """Return every flow and module of an instance by name."""
    found: dict[str, Content] = {}
    for family in ("ContactFlow", "ContactFlowModule"):
        search = client.get_paginator(
            "search_contact_flows"
            if family == "ContactFlow"
            else "search_contact_flow_modules"
        )
        for page in search.paginate(InstanceId=instance):
            for flow in page[f"{family}s"]:
                found[flow["Name"]] = json.loads(flow["Content"])
                if "Settings" in flow:
                    found[flow["Name"]]["Settings"] = json.loads(flow["Settings"])
    return found


def write(root: Path, number: int, content: Content) -> str:
    """Write a flow under a name that no other has."""
    content.setdefault("Metadata", {})
    name = content["Metadata"]["name"] = f"Moved {number:03}"
    content["Metadata"].setdefault("type", "contactFlow")
    path = root / "flows" / f"{number:03}.json"
    path.write_text(json.dumps(content, indent=1), "utf-8")
    return name


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    root = tmp_path_factory.mktemp("migration")
    for folder in ("flows", "environments"):
        (root / folder).mkdir()
    settings = 'version: 1\nname: migration\nflows: [{path: "flows/*.json"}]\n'
    (root / "flowops.yaml").write_text(settings, "utf-8")
    flows = movable()
    named = {
        write(root, number, json.loads(path.read_text("utf-8-sig"))): flow
        for number, (path, flow) in enumerate(flows.items())
    }
    with ExitStack() as stack:
        old, old_client = serve(stack, root, "old", held(OLD, flows))
        new, client = serve(stack, root, "new", held(NEW, flows))
        new_repository(root)
        moving = Migration(root, new, client, named)
        result = moving.run("promote", "old", "--yes")
        assert result.code == 0, result.err + result.out
        there = contents(old_client, old.instance_id)
        for number, name in enumerate(named):
            write(root, number, there[name])
        yield moving


def serve(
    stack: ExitStack, root: Path, name: str, held: Mapping[str, Any]
) -> tuple[Sandbox, Any]:
    sandbox = Sandbox(SandboxInventory.parse(held))
    stack.callback(sandbox.close)
    server = stack.enter_context(SandboxServer(sandbox))
    client = connect_client(sandbox, server.url)
    stack.callback(client.close)
    (root / "environments" / f"{name}.yaml").write_text(
        "targets:\n  connect:\n    kind: sandbox\n"
        f"    url: {server.url}\n    instance: {sandbox.instance_arn}\n",
        "utf-8",
    )
    return sandbox, client


def test_real_flows_move_to_another_region_and_account(
    migration: Migration, record_property: Callable[[str, object], None]
) -> None:
    plan = migration.plan()
    states = Counter(
        reference["state"]
        for change in plan["changes"]
        for reference in change["references"]
    )
    assert not plan["errored"], plan["findings"]
    assert plan["summary"]["create"] == len(migration.flows) >= 75
    assert states.keys() == {"resolved", "dynamic"}
    record_property("real flows moved", len(migration.flows))
    record_property("references of theirs resolved", states["resolved"])
    result = migration.run("promote", "new", "--yes")
    assert result.code == 0, result.err + result.out
    assert foreign(migration) == []
    again = migration.run("promote", "new", "--yes")
    assert (again.code, "No changes." in again.out) == (0, True), again.out


def foreign(migration: Migration) -> list[tuple[str, str]]:
    """Return what the parameters of promoted flows still say of another instance."""
    promoted = {n: c for n, c in migration.contents().items() if n in migration.flows}
    assert promoted.keys() == migration.flows.keys()
    arns = [
        (name, arn)
        for name, content in promoted.items()
        for action in content["Actions"]
        for arn in ARN.findall(json.dumps(action.get("Parameters", {})))
    ]
    assert len(arns) >= 50
    return [(name, arn) for name, arn in arns if not is_here(migration.new, arn)]


def is_here(sandbox: Sandbox, arn: str) -> bool:
    _, _, service, region, account, resource = arn.split(":", 5)
    if (region, account) == (NEW["region"], "aws"):
        return True  # what AWS keeps in every Region
    owned = (region, account) == (NEW["region"], NEW["account"])
    prefix = f"instance/{sandbox.instance_id}/" if service == "connect" else ""
    return owned and resource.startswith(prefix)


def test_without_a_queue_exactly_its_users_are_refused(migration: Migration) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for name, flow in migration.flows.items():
        for reference in flow.references:
            if reference.kind == "queue" and reference.form != "dynamic":
                users[reference.name].add(name)
    queue = max(sorted(users), key=lambda name: len(users[name]))
    instance = migration.new.instance_id
    listed = migration.client.list_queues(InstanceId=instance, QueueTypes=["STANDARD"])
    (found,) = (q for q in listed["QueueSummaryList"] if q["Name"] == queue)
    migration.client.delete_queue(InstanceId=instance, QueueId=found["Id"])
    before = migration.contents()
    plan = migration.plan()
    blocked = {
        change["address"].rpartition("/")[2]
        for change in plan["changes"]
        if change["actions"] == ["blocked"]
    }
    assert blocked == users[queue]
    assert blocked
    errors = [f for f in plan["findings"] if f["severity"] == "error"]
    assert {f["rule"] for f in errors} == {"reference/unresolved"}
    assert all(repr(queue) in f["message"] for f in errors)
    refused = migration.run("promote", "new", "--yes")
    assert refused.code == 1
    assert migration.contents() == before


def test_real_flows_are_pulled_and_nothing_changes(migration: Migration) -> None:
    out = migration.root / "flows"
    for path in out.iterdir():
        path.unlink()
    pulled = migration.run("pull", "old", "--out", str(out))
    assert pulled.code == 0, pulled.err
    assert len(pulled.out.splitlines()) >= len(migration.flows)
    plan = migration.run("plan", "old")
    assert (plan.code, "No changes." in plan.out) == (0, True), plan.out
