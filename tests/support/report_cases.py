"""Reports of real plans, each of a small project that is edited in one way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flowops.cli.workspace import load, open_workspace, request_for
from flowops.model import Address, Inventory, Resource
from flowops.plan.making import Baseline, Plan, make_plan
from flowops.plan.reporting import report_plan
from flowops.report.model import PlanReport
from flowops.systems.protocol import FlowState, TargetIdentity
from tests.support.projects import copy_example

ENVIRONMENT = "staging"
INSTANCE = "arn:aws:connect:eu-central-1:444455556666:instance/b862c845"
IVR = "flows/connect/main-ivr.json"
ORDERS = "flows/event_processing/large-orders.json"
STAGING = "environments/staging.yaml"

Edit = Callable[["Case"], None]


def resource(kind: str, name: str, number: int = 1) -> Resource:
    """Return a resource of the instance, as an inventory lists it."""
    plain = name.lower().replace(" ", "-")
    if kind == "lambda-function":
        arn = f"arn:aws:lambda:eu-central-1:444455556666:function:{name}"
        return Resource(kind, name, arn, arn)
    place = "operating-hours" if kind == "hours-of-operation" else kind
    identity = f"{plain}-{number}"
    return Resource(kind, name, identity, f"{INSTANCE}/{place}/{identity}")


HELD = (
    resource("queue", "Sales EMEA"),
    resource("queue", "Sales APAC"),
    resource("contact-flow", "Default customer queue"),
    resource("prompt", "welcome.wav"),
    resource("lambda-function", "lookup-customer"),
    resource("flow-module", "Identify caller"),
    resource("hours-of-operation", "Office hours"),
)


@dataclass(slots=True)
class Case:
    """A project and what is on its targets; every method edits one of the two."""

    root: Path
    held: tuple[Resource, ...] = HELD
    states: Mapping[Address, FlowState] | None = None
    created: frozenset[Address] = frozenset()
    known: bool = True

    def flow(self, path: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Edit a flow's document."""
        file = self.root / path
        document = json.loads(file.read_text("utf-8"))
        change(document)
        file.write_text(json.dumps(document, indent=2) + "\n", "utf-8")

    def parameters(self, block: str, **values: str) -> None:
        """Set parameters of a block of the contact flow."""

        def change(flow: dict[str, Any]) -> None:
            for action in flow["Actions"]:
                if action["Identifier"] == block:
                    action["Parameters"] = values

        self.flow(IVR, change)

    def node(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Edit the configuration of a node of the stream flow."""

        def within(flow: dict[str, Any]) -> None:
            for node in flow["contextState"]["nodes"]:
                if node["viewName"] == name:
                    change(node["configuration"])

        self.flow(ORDERS, within)

    def text(self, path: str, old: str, new: str) -> None:
        """Replace text in a file."""
        file = self.root / path
        content = file.read_text("utf-8")
        assert old in content, old
        file.write_text(content.replace(old, new), "utf-8")

    def promoted(self) -> None:
        """Put what the project has now on the targets."""
        changes = self.plan().changes
        assert all(change.bundle for change in changes)
        self.states = {c.address: c.bundle.state() for c in changes if c.bundle}
        self.created = frozenset(self.states)

    def plan(self, *words: str, deletes: bool = False) -> Plan:
        """Plan against what is on the targets, as a live plan does."""
        workspace = open_workspace(self.root, words)
        request = request_for(workspace, load(workspace, ENVIRONMENT), deletes=deletes)
        systems = sorted({flow.address.system for flow in request.chosen})
        known = {flow.address for flow in workspace.read.flows}
        return make_plan(request, {s: self._baseline(s, known) for s in systems})

    def _baseline(self, system: str, known: Iterable[Address]) -> Baseline:
        states = {a: s for a, s in (self.states or {}).items() if a.system == system}
        is_connect = system == "connect"
        where = INSTANCE if is_connect else "deploy/staging"
        kinds = frozenset(r.kind for r in HELD)
        left = {a: s for a, s in states.items() if a not in set(known)}
        return Baseline(
            system=system,
            words="live sandbox" if is_connect else "live directory",
            states=states,
            inventory=Inventory(self.held, kinds) if is_connect else Inventory(),
            identity=TargetIdentity(system, "sandbox", where),
            unmanaged=left,
            created=frozenset(a for a in left if a in self.created),
        )

    def report(self, *words: str, deletes: bool = False) -> PlanReport:
        """Return the report of a plan."""
        return report_plan(self.plan(*words, deletes=deletes), with_graphs=True)


def new_case(root: Path) -> Case:
    """Return the example project with nothing on its targets."""
    return Case(copy_example(root))


def creation(case: Case) -> PlanReport:
    return case.report()


def nothing(case: Case) -> PlanReport:
    case.promoted()
    return case.report()


def update(case: Case) -> PlanReport:
    case.promoted()
    case.text(STAGING, "Sales: Sales EMEA", "Sales: Sales APAC")
    case.parameters("Say closed", Text="We open at nine.")

    def rewire(flow: dict[str, Any]) -> None:
        blocks = {action["Identifier"]: action for action in flow["Actions"]}
        flow["Actions"].remove(blocks["Identify caller"])
        blocks["Look up customer"]["Transitions"] = {
            "NextAction": "Say wait",
            "Errors": [],
            "Conditions": [],
        }
        wait = json.loads(json.dumps(blocks["Say sorry"]))
        wait["Identifier"] = "Say wait"
        wait["Parameters"] = {"Text": "One moment, please."}
        wait["Transitions"]["NextAction"] = "Check hours"
        flow["Actions"].append(wait)
        flow["Metadata"]["ActionMetadata"]["Hang up"]["position"]["x"] += 40

    case.flow(IVR, rewire)
    return case.report("Main IVR")


def layout(case: Case) -> PlanReport:
    case.promoted()

    def move(flow: dict[str, Any]) -> None:
        shown = flow["Metadata"]["ActionMetadata"]
        shown["Welcome"]["position"] = {"x": 1, "y": 2}

    case.flow(IVR, move)
    return case.report("Main IVR")


def new_ids(case: Case) -> PlanReport:
    """One edit in a console that makes every id anew."""
    case.promoted()
    case.parameters("Say closed", Text="We open at nine.")

    def rename(flow: dict[str, Any]) -> None:
        ids = [action["Identifier"] for action in flow["Actions"]]
        made = {i: f"1c9d0e72-8b4f-4f0e-9f6a-{n:012}" for n, i in enumerate(ids)}
        flow["StartAction"] = made[flow["StartAction"]]
        for action in flow["Actions"]:
            action["Identifier"] = made[action["Identifier"]]
            action["Transitions"] = renamed(action["Transitions"], made)
        shown = flow["Metadata"]["ActionMetadata"]
        flow["Metadata"]["ActionMetadata"] = {made[k]: v for k, v in shown.items()}
        flow["Actions"].reverse()

    case.flow(IVR, rename)
    return case.report("Main IVR")


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value in which blocks that something leads to have other names."""
    if isinstance(value, dict):
        return {k: renamed(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def unresolved(case: Case) -> PlanReport:
    case.text(STAGING, "Sales: Sales EMEA", "Sales: Sales EMAE")
    return case.report("Main IVR")


def ambiguous(case: Case) -> PlanReport:
    case.held = (*HELD, resource("queue", "Sales EMEA", 2))
    return case.report("Main IVR")


def move(case: Case) -> PlanReport:
    """A flow under another name, and another one that is deleted."""
    case.promoted()
    case.text(IVR, '"name": "Main IVR"', '"name": "Front door"')
    case.text(STAGING, "  Main IVR:", "  Front door:")
    (case.root / ORDERS).unlink()
    for path in (STAGING, "environments/base.yaml", "environments/production.yaml"):
        file = case.root / path
        lines = file.read_text("utf-8").split("  Large orders:")
        kept = [lines[0], *(_after_flow(line) for line in lines[1:])]
        file.write_text("".join(kept), "utf-8")
    plan = case.plan(deletes=True)
    return report_plan(plan)


def _after_flow(text: str) -> str:
    """Return what follows the settings of a flow."""
    lines = text.splitlines(keepends=True)[1:]
    ends = [i for i, line in enumerate(lines) if line[:3].strip()]
    return "".join(lines[ends[0] :]) if ends else ""


def unmanaged(case: Case) -> PlanReport:
    case.promoted()
    (case.root / IVR).rename(case.root / "old.json")
    case.text("old.json", '"name": "Main IVR"', '"name": "Front door"')
    (case.root / "old.json").rename(case.root / IVR)
    case.text(STAGING, "  Main IVR:", "  Front door:")
    return case.report("Front door")


def sealed(case: Case) -> PlanReport:
    """A value that looks like a secret, before and after."""
    case.flow(IVR, lambda flow: _password(flow, "hunter2 one"))
    case.promoted()
    case.flow(IVR, lambda flow: _password(flow, "hunter2 two"))
    return case.report("Main IVR")


def _password(flow: dict[str, Any], value: str) -> None:
    for action in flow["Actions"]:
        if action["Identifier"] == "Look up customer":
            action["Parameters"]["LambdaInvocationAttributes"] = {"password": value}


def config(case: Case) -> PlanReport:
    """Properties of config.yaml that an overlay sets."""
    case.promoted()
    case.text(STAGING, "kafka.staging:9093", "kafka-2.staging:9093")
    case.text(STAGING, "latest-offset", "earliest-offset")
    return case.report("Large orders")


def sql(case: Case) -> PlanReport:
    case.promoted()
    case.node("large orders", lambda c: c.update(statement="`price` > 5000"))
    return case.report("Large orders")


def state_dropping(case: Case) -> PlanReport:
    case.promoted()

    def window(values: dict[str, Any]) -> None:
        values["aggregationPeriod"]["interval"] = 2

    case.node("orders per hour", window)
    return case.report("Large orders")


HOSTILE = (
    "::error::x ##[error]y <!-- marker --> @team #1 | `a` ```` <img src=x> "
    "\u202eltr\u0000nul\x1b[31m EOF"
)


def hostile_values(case: Case) -> PlanReport:
    """Values that would act on a log, a page or a terminal."""
    case.promoted()
    case.parameters("Say closed", Text=f"{HOSTILE}\n::error::z\n{HOSTILE}")
    case.parameters("Say sorry", Text="````\n@team\n::warning::w\n<!-- marker -->")
    case.parameters("Identify caller", FlowModuleId="$.Attributes.x", Text=HOSTILE)
    return case.report("Main IVR")


def hostile_names(case: Case) -> PlanReport:
    """The name of a flow, of a block and of a queue, all of the same kind."""
    name = json.dumps(HOSTILE)
    case.text(IVR, '"name": "Main IVR"', f'"name": {name}')
    case.text(IVR, '"Hang up"', json.dumps(f"Hang up {HOSTILE}"))
    case.text(STAGING, "  Main IVR:", f"  {name}:")
    case.text(STAGING, "Sales: Sales EMEA", f"Sales: {name}")
    return case.report("connect/*")


def warnings_only(case: Case) -> PlanReport:
    case.promoted()

    def loose(flow: dict[str, Any]) -> None:
        block = json.loads(json.dumps(flow["Actions"][-1]))
        block["Identifier"] = "Never reached"
        flow["Actions"].append(block)

    case.flow(IVR, loose)
    return case.report("Main IVR")


CASES: Mapping[str, Callable[[Case], PlanReport]] = {
    "create": creation,
    "no-changes": nothing,
    "update": update,
    "layout": layout,
    "new-ids": new_ids,
    "unresolved": unresolved,
    "ambiguous": ambiguous,
    "move-and-delete": move,
    "no-longer-managed": unmanaged,
    "sealed": sealed,
    "config": config,
    "sql": sql,
    "state-dropping": state_dropping,
    "hostile-values": hostile_values,
    "hostile-names": hostile_names,
    "warnings": warnings_only,
}


def many(report: PlanReport, count: int) -> PlanReport:
    """Return a report with the change of another one so many times."""
    (change,) = report.changes
    changes = [
        replace(change, address=f"connect/contact-flow/Flow {number:03}")
        for number in range(count)
    ]
    summary = {**report.summary, "update": count}
    return replace(report, changes=tuple(changes), summary=summary)
