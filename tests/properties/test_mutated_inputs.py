"""Any value of any input may be of any type: that is no defect of FlowOps.

Each place of a file gets values of other types in turn, then commands run on it.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowops.documents.archive import zip_bytes
from flowops.documents.canonical import pretty_json
from tests.support.contact_flows import ID, action, arn, contact_flow
from tests.support.legacy_flows import legacy_flow, module, parameter
from tests.support.projects import EXAMPLE, run
from tests.support.views import NAME, template

Json = Any
Step = str | int
VALUES: tuple[Json, ...] = (None, [], {}, 0, "", "x" * 10_000, True)
PLACES = 14
DEFECT = 70

COMPARING = action("compare", "Compare", {"ComparisonValue": "$.Channel"}, "end")
COMPARING["Transitions"] |= {
    "Conditions": [
        {
            "NextAction": "end",
            "Condition": {"Operator": "Equals", "Operands": ["VOICE"]},
        }
    ],
    "Errors": [{"NextAction": "end", "ErrorType": "NoMatchingCondition"}],
}
SHOWN = {
    "queue": {
        "position": {"x": 1, "y": 2},
        "parameters": {"QueueId": {"displayName": "Sales"}},
        "queue": {"text": "Sales", "id": arn("queue")},
    }
}
CONTACT_FLOW = contact_flow(
    [
        action("queue", "UpdateContactTargetQueue", {"QueueId": arn("queue")}, "hooks"),
        action("hooks", "UpdateContactEventHooks", {"EventHooks": {"a": ID}}, "show"),
        action("show", "ShowView", {"ViewResource": {"Id": arn("view")}}, "compare"),
        COMPARING,
        action("end", "DisconnectParticipant"),
    ],
    SHOWN,
    entryPointPosition={"x": 0, "y": 0},
)
STREAM = json.loads(
    (EXAMPLE / "flows/event_processing/large-orders.json").read_text("utf-8")
)
FLOWS: Mapping[str, Json] = {
    "flow": CONTACT_FLOW,
    "wrapped": {"ContactFlow": {"Name": "A", "Content": CONTACT_FLOW}},
    "legacy": legacy_flow(
        [
            module("a", "SetQueue", [parameter("Queue", "x")], {"Success": "b"}),
            module("b", "Disconnect"),
        ]
    ),
    "view": {"Name": NAME, "Content": {"Template": template(), "Actions": ["Submit"]}},
    "stream": STREAM,
}
SETTINGS: Json = {
    "version": 1,
    "name": "example",
    "flows": [{"path": "flows/*"}],
    "environments": "environments",
    "guards": {
        "too-many-changes": {"percent": 30, "minimum": 10},
        "protected-refs": ["main"],
    },
}
ENVIRONMENT: Json = {
    "extends": "other",
    "protected": True,
    "targets": {
        "event_processing": {
            "kind": "directory",
            "path": "deploy/x",
            "manifests": "ibm",
            "namespace": "flows",
            "secret-store": "ClusterSecretStore/vault",
            "version": "1.5.3",
            "spec": "a: 1",
        }
    },
    "variables": {"kafka": "k:9093"},
    "secrets": {"password": {"env": "NOT_SET"}},
    "flows": {
        "Large orders": {
            "config": {"*": {"*": {"properties.bootstrap.servers": "{{ kafka }}"}}},
            "references": {"topic": {"ORDERS": "OTHER"}},
        }
    },
}
CONFIG = {
    "config": {"orders": {"orders___TABLE": {"topic": "A", "connector": "kafka"}}}
}


def places(value: Json, above: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Give the way to every value of a document, the document itself first."""
    yield above
    steps: list[Step] = []
    if isinstance(value, dict):
        steps += value
    elif isinstance(value, list):
        steps += range(len(value))
    for step in steps:
        yield from places(value[step], (*above, step))


def changed(document: Json, place: tuple[Step, ...], value: Json) -> Json:
    """Return a document in which one place has another value."""
    if not place:
        return value
    root = copy.deepcopy(document)
    inner = root
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return root


def mutants(name: str, document: Json) -> Iterator[Json]:
    """Give a document with each of some places changed, two values for each."""
    chooser = random.Random(name)
    found = [*places(document)]
    for place in chooser.sample(found, min(PLACES, len(found))):
        for value in chooser.sample(VALUES, 2):
            yield changed(document, place, value)


def commands(root: Path) -> Iterator[list[str]]:
    """Give what reads a project, and what reads a single file of it."""
    for path in (root / "flows").iterdir():
        yield ["redact", str(path)]
        yield ["show", str(path), "--format", "mermaid"]
        yield ["arrange", str(path)]
    here = ["--project", str(root)]
    yield ["check", *here]
    yield ["plan", "e", *here]


def no_defect(root: Path, document: Json) -> None:
    for words in commands(root):
        result = run(*words)
        assert result.code != DEFECT, (result.err, json.dumps(document)[:2000])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/other.yaml").write_text("", "utf-8")
    (tmp_path / "environments/e.yaml").write_text(pretty_json(ENVIRONMENT), "utf-8")
    (tmp_path / "flowops.yaml").write_text(pretty_json(SETTINGS), "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow(root: Path, name: str) -> None:
    for document in mutants(name, FLOWS[name]):
        (root / "flows/a.json").write_text(json.dumps(document), "utf-8")
        no_defect(root, document)


def test_the_configuration_in_a_zip(root: Path) -> None:
    for document in mutants("zip", CONFIG):
        files = {"flow.json": pretty_json(STREAM), "config.yaml": pretty_json(document)}
        data = zip_bytes({name: text.encode() for name, text in files.items()})
        (root / "flows/a.zip").write_bytes(data)
        no_defect(root, document)


@pytest.mark.parametrize(
    ("name", "document"),
    [("flowops.yaml", SETTINGS), ("environments/e.yaml", ENVIRONMENT)],
)
def test_what_the_project_says(root: Path, name: str, document: Json) -> None:
    for mutant in mutants(name, document):
        (root / name).write_text(pretty_json(mutant), "utf-8")
        no_defect(root, mutant)
