"""The schemas say what the code says, key by key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowops import policy, project
from flowops.documents.source import source_text
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.errors import FlowOpsError, InputError, UsageError
from flowops.inventory import inventory_json, read_inventory
from flowops.model import (
    Address,
    BindingState,
    Finding,
    Inventory,
    Location,
    Resource,
    Severity,
)
from flowops.overlays import environment, flow_overlay
from flowops.overlays.flow_overlay import read_overlays, unfillable
from flowops.overlays.variables import SECRET_SOURCES
from flowops.plan import making
from flowops.project import open_project
from flowops.records import Record, RecordedFlow, read_records, write_record
from flowops.report.json_document import plan_json
from flowops.report.model import (
    BlockReport,
    ChangeReport,
    EdgeReport,
    FieldReport,
    PlanReport,
    ReferenceReport,
    StatementReport,
)
from flowops.schema import NAMES, schema_text
from flowops.systems import SYSTEMS
from flowops.systems.connect import opening
from flowops.systems.event_processing.targets import directory
from flowops.systems.event_processing.targets.flink.settings import KEYS as FLINK_KEYS
from flowops.systems.event_processing.targets.kubernetes.settings import (
    TARGET_KEYS as KUBERNETES_KEYS,
)
from flowops.systems.protocol import PUBLISHED, SAVED, FlowState
from tests.support.builders import environment_from
from tests.support.projects import EXAMPLE, run

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "commands"
Schema = dict[str, Any]
SHA = f"sha256:{'0' * 64}"


def schema(name: str) -> Schema:
    loaded = json.loads(schema_text(name))
    assert isinstance(loaded, dict)
    return loaded


def closed(name: str) -> Schema:
    """Return a schema that allows no key it does not name."""
    found = schema(name)
    for _, node in nodes(found):
        if "properties" in node and node.get("type"):
            node.setdefault("additionalProperties", False)
    return found


def nodes(node: object, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Give every mapping of a schema with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, below in node.items():
            yield from nodes(below, f"{path}/{key}")
    elif isinstance(node, list):
        for index, below in enumerate(node):
            yield from nodes(below, f"{path}/{index}")


def errors(found: Schema, value: object) -> list[str]:
    validator = Draft202012Validator(found)
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(value)]


def yaml_value(text: str) -> object:
    return plain(parse_yaml(source_text("file.yaml", text)))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["title"]
    assert found["description"]


@pytest.mark.parametrize("name", NAMES)
def test_an_editor_can_show_what_every_key_is(name: str) -> None:
    described = [
        (path, key, value)
        for path, node in nodes(schema(name))
        for key, value in node.get("properties", {}).items()
        if "/then" not in path and "/not" not in path
    ]

    silent = [f"{path}/{key}" for path, key, v in described if not v.keys() & {"title"}]
    assert silent == [f"/$defs/flow/{key}" for key in ("before", "after")] * (
        name == "record"
    )


def test_the_command_prints_what_is_shipped() -> None:
    for name in NAMES:
        result = run("schema", name)
        assert (result.code, result.out) == (0, schema_text(name))


def test_an_unknown_schema_is_a_usage_error_with_a_near_miss() -> None:
    result = run("schema", "enviroment")
    assert result.code == 64
    assert "there is no schema 'enviroment'" in result.err
    assert "did you mean 'environment'?" in result.err
    with pytest.raises(UsageError, match="there are: flowops, environment"):
        schema_text("xyz")


# What the code names, the schemas name.


def test_the_keys_are_those_of_the_code() -> None:
    flowops, env = schema("flowops"), schema("environment")
    flow = env["$defs"]["flow"]
    secrets = env["properties"]["secrets"]["additionalProperties"]
    guards = flowops["properties"]["guards"]["properties"]

    assert [*flowops["properties"]] == [*project._KEYS]
    assert {*guards} == {*policy.KEYS}
    assert {*guards["too-many-changes"]["properties"]} == {*policy._THRESHOLD_KEYS}
    assert [*env["properties"]] == [*environment.KEYS]
    assert {*flow["properties"]} == {*flow_overlay.KEYS}
    assert {*secrets["properties"]} == {*SECRET_SOURCES}


def test_the_keys_of_targets_are_those_of_the_code() -> None:
    targets = schema("environment")["properties"]["targets"]["properties"]
    streams = {*directory._KEYS, *FLINK_KEYS, *KUBERNETES_KEYS}

    assert {*targets["connect"]["properties"]} == {"kind", *opening._KEYS}
    assert {*targets["event_processing"]["properties"]} == {"kind", *streams}
    assert all(target["additionalProperties"] is False for target in targets.values())


def test_the_words_are_those_of_the_code() -> None:
    flow = schema("environment")["$defs"]["flow"]["properties"]
    plan = schema("plan")["$defs"]
    actions = {*plan["change"]["properties"]["actions"]["items"]["enum"]}

    assert {*flow["status"]["enum"]} == {PUBLISHED, SAVED, None}
    assert actions == {
        *making.WRITES,
        making.DELETE,
        making.NOTHING,
        making.BLOCKED,
    }
    assert {*plan["reference"]["properties"]["state"]["enum"]} == {*BindingState}
    assert {*plan["finding"]["properties"]["severity"]["enum"]} == {*Severity}


def test_the_targets_are_those_of_the_systems() -> None:
    targets = schema("environment")["properties"]["targets"]["properties"]
    kinds = {
        system: {*target["properties"]["kind"]["anyOf"][0]["enum"]} - {None}
        for system, target in targets.items()
    }

    assert kinds == {name: {*s.target_kinds} for name, s in SYSTEMS.items()}


def test_the_guards_default_to_what_the_code_does() -> None:
    guards = schema("flowops")["properties"]["guards"]["properties"]
    numbers = guards["too-many-changes"]["properties"]
    default = policy.Policy()

    assert numbers["percent"]["default"] == default.percent
    assert numbers["minimum"]["default"] == default.minimum


# flowops.yaml


@pytest.mark.parametrize(
    "text",
    [
        (EXAMPLE / "flowops.yaml").read_text("utf-8"),
        'version: 1\nflows: [{path: "a.json"}]\n',
        'version: "1"\nname: 5\nflows: [{path: "*"}, {path: a/..b/.c}]\n',
        "version: 1\nflows: [{path: x}]\nenvironments: ./deep/er\nguards:\n",
        "version: 1\nflows: [{path: x}]\nguards: {too-many-changes: }\n",
        "version: 1\nflows: [{path: x}]\nguards: {too-many-changes: {percent: 0}}\n",
        "version: 1\nflows: [{path: x}]\nguards: {protected-refs: [main, 1]}\n",
    ],
)
def test_what_the_code_reads_the_flowops_schema_takes(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "flowops.yaml").write_text(text, "utf-8")
    open_project(tmp_path)

    assert errors(schema("flowops"), yaml_value(text)) == []


ONE = "version: 1\nflows: [{path: x}]\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "version: 1\n",
        "flows: [{path: x}]\n",
        "version: 2\nflows: [{path: x}]\n",
        "version: true\nflows: [{path: x}]\n",
        "version: 1\nflows: []\n",
        "version: 1\nflows: flows/*.json\n",
        "version: 1\nflows: [flows/*.json]\n",
        "version: 1\nflows: [{}]\n",
        "version: 1\nflows: [{path: x, system: connect}]\n",
        "version: 1\nflows: [{paths: x}]\n",
        "version: 1\nflows: [{path: [x]}]\n",
        "version: 1\nflows: [{path: }]\n",
        'version: 1\nflows: [{path: ""}]\n',
        "version: 1\nflows: [{path: ./.}]\n",
        "version: 1\nflows: [{path: .//}]\n",
        "version: 1\nflows: [{path: /x}]\n",
        "version: 1\nflows: [{path: ../x}]\n",
        "version: 1\nflows: [{path: a/../x}]\n",
        "version: 1\nflows: [{path: a/..}]\n",
        'version: 1\nflows: [{path: "a\\\\b"}]\n',
        'version: 1\nflows: [{path: "a\\0b"}]\n',
        f"{ONE}nmae: x\n",
        f"{ONE}name: [x]\n",
        f"{ONE}name:\n",
        f"{ONE}environments: ../x\n",
        f"{ONE}environments:\n",
        f"{ONE}guards: []\n",
        f"{ONE}guards: {{deletes: true}}\n",
        f"{ONE}guards: {{too-many-changes: 30}}\n",
        f"{ONE}guards: {{too-many-changes: {{percents: 30}}}}\n",
        f"{ONE}guards: {{too-many-changes: {{percent: 101}}}}\n",
        f"{ONE}guards: {{too-many-changes: {{percent: -1}}}}\n",
        f"{ONE}guards: {{too-many-changes: {{percent: x}}}}\n",
        f"{ONE}guards: {{too-many-changes: {{percent: 0.5}}}}\n",
        f"{ONE}guards: {{too-many-changes: {{percent: true}}}}\n",
        f"{ONE}guards: {{too-many-changes: {{percent: }}}}\n",
        f"{ONE}guards: {{too-many-changes: {{minimum: 1000001}}}}\n",
        f"{ONE}guards: {{protected-refs: main}}\n",
        f"{ONE}guards: {{protected-refs: [[main]]}}\n",
        f"{ONE}guards: {{protected-refs: [~]}}\n",
        f"{ONE}guards: {{protected-refs: }}\n",
    ],
)
def test_what_the_code_refuses_the_flowops_schema_does(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "flowops.yaml").write_text(text, "utf-8")
    with pytest.raises(InputError):
        open_project(tmp_path)

    assert errors(schema("flowops"), yaml_value(text)) != []


# environments/NAME.yaml


def use(text: str) -> None:
    """Do with an environment all that any command does before a target is asked."""
    overlays = read_overlays(environment_from(text, base=PARENT))
    for error in unfillable(overlays):
        raise error
    for name, layer in overlays.environment.targets.items():
        if layer.kind not in SYSTEMS[name].target_kinds:
            raise InputError("there is no such kind")


PARENT = """
targets:
  connect: {kind: sandbox, url: "http://localhost:1"}
  event_processing: {kind: directory, path: deploy}
secrets: {old: {env: A}}
"""


@pytest.mark.parametrize(
    "path", sorted((EXAMPLE / "environments").glob("*.yaml")), ids=lambda p: p.name
)
def test_the_example_environments_validate(path: Path) -> None:
    assert errors(schema("environment"), yaml_value(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "protected: true",
        "protected:",
        "targets:\nvariables:\nsecrets:\nflows:\n",
        "targets: {connect: }",
        "targets: {connect: {kind: amazon-connect, instance: x}}",
        "variables: {k: connect}\ntargets: {event_processing: {kind: directory}}",
        'variables: {k: sandbox}\ntargets: {connect: {kind: "{{ k }}"}}',
        "extends: base\ntargets: {connect: {url: x}, event_processing: }",
        "extends: base\nsecrets: {old: {env: , file: x}, new: {file: y}}",
        "extends: base\nsecrets: {old: {}}",
        "variables: {a: 1, b: true, c: , d: text}",
        "secrets: {a: {env: B}, b: {env: 1, file: }, c: }",
        "flows: {A: , B: {config: , references: , status: , type: }}",
        "flows: {A: {config: {n: , m: {t: , u: {p: 1, q: , r: x}}}}}",
        'flows: {A: {references: {queue: , prompt: {a: b, c: , d: "{{ 1 }}"}}}}',
        "flows: {A: {status: saved, type: CONTACT_FLOW}}",
    ],
)
def test_what_the_code_reads_the_environment_schema_takes(text: str) -> None:
    use(text)

    assert errors(schema("environment"), yaml_value(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "text",
        "extend: base",
        "extends:",
        "extends: [base]",
        "protected: yes",
        'protected: "true"',
        "protected: [true]",
        "targets: []",
        "targets: {connect: sandbox}",
        "targets: {connect: {}}",
        "targets: {connect: {kind: }}",
        "targets: {connect: {url: x}}",
        "targets: {conect: {kind: sandbox}}",
        "targets: {connect: {kind: directory}}",
        "targets: {connect: {kind: [sandbox]}}",
        "targets: {connect: {kind: sandbox, url: [x]}}",
        "targets: {event_processing: {kind: sandbox}}",
        "targets: {event_processing: {kind: directory, path: {a: b}}}",
        "variables: x",
        "variables: {a: [b]}",
        "variables: {a: {b: c}}",
        "secrets: [a]",
        "secrets: {a: hunter2}",
        "secrets: {a: [env]}",
        "secrets: {a: {}}",
        "secrets: {a: {env: }}",
        "secrets: {a: {env: B, file: C}}",
        "secrets: {a: {vault: B}}",
        "secrets: {a: {env: [B]}}",
        "extends: base\nsecrets: {old: {env: B, file: C}}",
        "extends: base\nsecrets: {old: {vault: B}}",
        "flows: [a]",
        "flows: {A: [b]}",
        "flows: {A: {configs: }}",
        "flows: {A: {config: x}}",
        "flows: {A: {config: {n: x}}}",
        "flows: {A: {config: {n: {t: x}}}}",
        "flows: {A: {config: {n: {t: {p: [x]}}}}}",
        "flows: {A: {config: {n: {t: {p: {q: x}}}}}}",
        "flows: {A: {references: x}}",
        "flows: {A: {references: {queue: x}}}",
        "flows: {A: {references: {queue: {a: [b]}}}}",
        "flows: {A: {references: {queue: {a: {b: c}}}}}",
        "flows: {A: {status: live}}",
        "flows: {A: {status: [saved]}}",
        "flows: {A: {type: [x]}}",
    ],
)
def test_what_the_code_refuses_the_environment_schema_does(text: str) -> None:
    with pytest.raises((FlowOpsError, KeyError)):
        use(text)

    assert errors(schema("environment"), yaml_value(text)) != []


def test_a_key_that_a_directory_does_not_have_is_refused(tmp_path: Path) -> None:
    text = "targets: {event_processing: {kind: directory, path: a, url: b}}"

    assert errors(schema("environment"), yaml_value(text)) != []


# What FlowOps writes.


def full_plan() -> PlanReport:
    """Return a plan in which nothing is left out."""
    statement = StatementReport("VIEW v", "change", "SELECT 1", "SELECT 2")
    field = FieldReport(
        "/x", "a", "<value_redacted>", "file:1:1", "A", "B", (statement,)
    )
    block = BlockReport("b", "T", "Label", "change", (field,))
    reference = ReferenceReport("b", "/x", "queue", "Q", "resolved", "arn", "named Q")
    change = ChangeReport(
        address="connect/contact-flow/A",
        path="flows/a.json",
        action="update",
        attributes=(replace(field, before=None),),
        blocks=(block,),
        edges_added=(EdgeReport("a", "", "b"),),
        edges_removed=(EdgeReport("b", "next", "a"),),
        layout=1,
        moved=("Label",),
        renamed=1,
        sealed=True,
        references=(reference,),
        before_digest=SHA,
        after_digest=SHA,
        state_safety="unknown",
        state_reason="words",
    )
    finding = Finding(
        "a/rule",
        Severity.WARNING,
        "words",
        Location("f", 2, 3),
        Address("connect", "contact-flow", "A"),
        "hint",
    )
    words = ("create", "update", "replace", "delete", "move", "layout", "blocked")
    return PlanReport(
        environment="staging",
        compared_with={"connect": "live"},
        targets={"connect": "arn"},
        changes=(change,),
        findings=(finding, Finding("b", Severity.ERROR, "w")),
        summary=dict.fromkeys(words, 1),
        digest=SHA,
        errored=False,
        unmanaged=("connect/contact-flow/B",),
        source={"commit": "c", "dirty": True},
    )


def full_plan_document() -> dict[str, Any]:
    document = json.loads(plan_json(full_plan(), "1.0"))
    assert isinstance(document, dict)
    return document


def test_every_key_of_a_plan_is_in_the_schema_and_nothing_else() -> None:
    found = closed("plan")
    document = full_plan_document()

    assert errors(found, document) == []
    assert sorted(named(found, found)) == sorted({*keys_of(document)})


def named(root: Schema, node: Schema, path: str = "") -> Iterator[str]:
    """Give the path of every key that a schema names."""
    if "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    for key, below in node.get("properties", {}).items():
        yield f"{path}/{key}"
        yield from named(root, below, f"{path}/{key}")
    if "items" in node:
        yield from named(root, node["items"], path)


def keys_of(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from keys_of(item, path)
    elif isinstance(value, dict) and path not in ("/compared_with", "/targets"):
        for key, below in value.items():
            yield f"{path}/{key}"
            yield from keys_of(below, f"{path}/{key}")


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.glob("plan-*-json.txt")), ids=lambda p: p.stem
)
def test_every_golden_plan_validates(path: Path) -> None:
    text = path.read_text("utf-8").partition("--- stdout\n")[2]
    document = json.loads(text.partition("--- stderr\n")[0])

    assert errors(closed("plan"), document) == []


def test_a_plan_may_gain_keys() -> None:
    document = full_plan_document()
    document["new"] = document["changes"][0]["new"] = 1

    assert errors(schema("plan"), document) == []
    assert len(errors(closed("plan"), document)) == 2


def spoil(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy with one value replaced, or taken away by ``...``."""
    copy = deepcopy(document)
    *way, last = [int(s) if s.isdecimal() else s for s in path.split("/")]
    place: Any = copy
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format_version", "2.0"),
        ("format_version", 1.0),
        ("digest", "sha256:x"),
        ("digest", ...),
        ("source/dirty", "no"),
        ("source/dirty", ...),
        ("targets", []),
        ("targets/connect", 1),
        ("summary/move", ...),
        ("summary/move", -1),
        ("changes", {}),
        ("changes/0/actions", ["restart"]),
        ("changes/0/actions", []),
        ("changes/0/address", "Main"),
        ("changes/0/before_digest", ""),
        ("changes/0/blocks/0/action", "update"),
        ("changes/0/fields/0/op", "change"),
        ("changes/0/references/0/state", "found"),
        ("findings/0/severity", "fatal"),
        ("findings/0/line", 0),
        ("errored", "no"),
    ],
)
def test_a_wrong_plan_is_refused(path: str, value: object) -> None:
    document = full_plan_document()
    assert errors(schema("plan"), document) == []

    assert errors(schema("plan"), spoil(document, path, value)) != []


INVENTORY = Inventory(
    (Resource("queue", "Sales", "id", "arn:aws:connect:x", "STANDARD"),),
    frozenset(["queue", "prompt"]),
    "eu-west-1",
    "aws",
)
SNAPSHOT = {
    "format_version": "1.0",
    "taken": "2026-01-31T09:00:00Z",
    "systems": {"connect": inventory_json(INVENTORY)},
}


def record_document(root: Path) -> dict[str, Any]:
    address = Address("connect", "contact-flow", "A")
    state = FlowState(address, {"content.json": "{}"}, {"status": "published"})
    flows = (
        RecordedFlow(address, "create", None, state, "", SHA),
        RecordedFlow(address, "delete", state, None, SHA, ""),
    )
    record = Record(
        "RUN", "staging", SHA, {"connect": "arn"}, flows, {"commit": "c"}, {}
    )
    with_inventory = replace(record, inventories={"connect": INVENTORY})
    document = json.loads(write_record(root, with_inventory).read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def test_every_key_of_a_record_is_in_the_schema(tmp_path: Path) -> None:
    document = record_document(tmp_path)
    found = closed("record")

    assert errors(found, document) == []
    assert {*found["properties"]} == document.keys()
    assert {*found["$defs"]["flow"]["properties"]} == document["flows"][0].keys()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format_version", "1.1"),
        ("run", ...),
        ("flows", {}),
        ("flows/0/before", "x"),
        ("flows/0/after/files", ...),
        ("flows/0/after/attributes", []),
        ("flows/0/name", ...),
        ("targets", []),
        ("inventories/connect/kinds", "queue"),
        ("inventories/connect/resources/0/arn", ...),
    ],
)
def test_a_record_the_code_refuses_the_schema_does(
    path: str, value: object, tmp_path: Path
) -> None:
    bad = spoil(record_document(tmp_path), path, value)
    place = tmp_path / ".flowops" / "records" / "staging" / "RUN.json"
    place.write_text(json.dumps(bad), "utf-8")
    with pytest.raises(InputError):
        read_records(tmp_path, "staging")

    assert errors(schema("record"), bad) != []


def test_an_inventory_validates() -> None:
    assert errors(closed("inventory"), SNAPSHOT) == []


@pytest.mark.parametrize("path", ["kinds", "region", "partition", "resources"])
def test_an_inventory_the_code_refuses_the_schema_does(path: str) -> None:
    refused: Callable[[Mapping[str, Any]], object] = read_inventory
    bad = spoil(SNAPSHOT, f"systems/connect/{path}", ...)
    with pytest.raises(KeyError):
        refused(bad["systems"]["connect"])

    assert errors(schema("inventory"), bad) != []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format_version", "2.0"),
        ("taken", "yesterday"),
        ("taken", "2026-01-31 09:00"),
        ("taken", ...),
        ("systems", []),
        ("systems/connect/resources/0", "Sales"),
        ("systems/connect/resources/0/kind", ""),
        ("systems/connect/resources/0/name", ...),
    ],
)
def test_a_wrong_inventory_is_refused(path: str, value: object) -> None:
    assert errors(schema("inventory"), spoil(SNAPSHOT, path, value)) != []
