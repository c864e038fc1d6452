"""Real legacy flows: what the console made of them, and what a service takes.

A block keeps its id when the console converts it, so an id in files of both languages
is a pair. Many were edited between the two exports: types must agree, the rest mostly.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flowops.cli.converting import read_legacy_file
from flowops.errors import InputError
from flowops.model import Binding, BindingState, Reference, Resource
from flowops.systems import connect
from flowops.systems.connect.legacy.conversion import convert_flow
from flowops.systems.connect.sandbox import Sandbox, SandboxInventory, SandboxServer
from flowops.systems.protocol import BoundFlow, Flow
from tests.support.contact_flows import read
from tests.support.projects import connect_client

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "connect"
REUSED = {"f0e2806f-194f-4755-8205-1bff617bd42f"}
"""An id that an author pasted into another block."""
Action = Mapping[str, Any]

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real flows is not on this machine"
)


def files(language: str) -> list[Path]:
    index = json.loads((CORPUS / "index.json").read_text("utf-8"))
    return [CORPUS / entry["file"] for entry in index if entry["fmt"] == language]


@cache
def converted() -> dict[Path, str]:
    """Convert every legacy flow that can be."""
    found: dict[Path, str] = {}
    for path in files("legacy"):
        with suppress(InputError):
            found[path] = convert_flow(read_legacy_file(path)).content
    return found


@cache
def pairs() -> list[tuple[Action, Action]]:
    """Return each converted block with each real one of the same id."""
    current: dict[str, list[Action]] = {}
    for path in files("new"):
        for action in json.loads(path.read_text("utf-8-sig"))["Actions"]:
            current.setdefault(action["Identifier"], []).append(action)
    return [
        (action, other)
        for text in converted().values()
        for action in json.loads(text)["Actions"]
        for other in current.get(action["Identifier"], ())
        if action["Identifier"] not in REUSED
    ]


def test_only_a_template_cannot_be_converted() -> None:
    (left,) = {*files("legacy")} - converted().keys()
    with pytest.raises(InputError, match=r"LoggingBehavior '\$\{logging\}'") as error:
        convert_flow(read_legacy_file(left))
    assert error.value.location is not None
    assert error.value.location.line > 1
    assert len(pairs()) >= 100


def test_types_agree_with_what_the_console_made() -> None:
    wrong = [(ours, real) for ours, real in pairs() if ours["Type"] != real["Type"]]
    assert wrong == []


def outcomes(action: Action) -> set[tuple[str, str]]:
    transitions = action["Transitions"]
    return {
        *((e["ErrorType"], e["NextAction"]) for e in transitions.get("Errors", ())),
        *(
            (json.dumps(c["Condition"], sort_keys=True), c["NextAction"])
            for c in transitions.get("Conditions", ())
        ),
        ("next", transitions.get("NextAction", "")),
    }


def test_outcomes_agree_with_what_the_console_made() -> None:
    """The newest console adds an error branch to prompts and hooks."""
    differing: Counter[str] = Counter()
    for ours, real in pairs():
        words = {word for word, _ in outcomes(ours)} ^ {w for w, _ in outcomes(real)}
        differing.update(words - {"NoMatchingError"})
    assert differing == {
        '{"Operands": ["3"], "Operator": "Equals"}': 2,
        '{"Operands": ["4"], "Operator": "Equals"}': 2,
    }


def test_unedited_blocks_agree_in_everything() -> None:
    same = [(o, r) for o, r in pairs() if outcomes(o) == outcomes(r)]
    equal = [o for o, r in same if o["Parameters"] == r.get("Parameters", {})]
    assert len(same) >= 80
    assert len(equal) >= 50
    for ours, real in same:
        if ours["Type"] != "MessageParticipant":
            names = real.get("Parameters", {}).keys()
            assert ours["Parameters"].keys() == names, ours


def test_references_are_kept_with_their_names() -> None:
    for path, text in converted().items():
        before = read(path.read_text("utf-8-sig"), str(path))
        after = read(text, str(path))
        assert kept(after) == kept(before), path


def kept(flow: Flow) -> Counter[tuple[str, str, str]]:
    """Count references by block, kind and name; a dynamic one has no value to keep."""
    return Counter((r.block, r.kind, r.name) for r in flow.references)


def test_positions_and_ids_are_kept() -> None:
    for path, text in converted().items():
        old, new = json.loads(path.read_text("utf-8-sig")), json.loads(text)
        shown = new["Metadata"]["ActionMetadata"]
        assert list(shown) == [module["id"] for module in old["modules"]]
        for module in old["modules"]:
            position = module["metadata"]["position"]
            assert shown[module["id"]]["position"] == position
        assert new["StartAction"] == old["start"]


def test_the_result_has_no_errors_of_its_own() -> None:
    for path, text in converted().items():
        before = {f.rule for f in read(path.read_text("utf-8-sig")).findings}
        found = [f for f in read(text).findings if f.severity == "error"]
        assert all(f.rule in before for f in found), (path, found)


KEYS = {
    "queue": ("queues", "list_queues", "QueueSummaryList"),
    "prompt": ("prompts", "list_prompts", "PromptSummaryList"),
    "contact-flow": ("contact_flows", "list_contact_flows", "ContactFlowSummaryList"),
    "user": ("users", "list_users", "UserSummaryList"),
    "hours-of-operation": (
        "hours_of_operation",
        "list_hours_of_operations",
        "HoursOfOperationSummaryList",
    ),
}
FUNCTION = "arn:aws:lambda:eu-central-1:444455556666:function:"
BOT = "arn:aws:lex:eu-central-1:444455556666:bot-alias/AAAAAAAAAA/BBBBBBBBBB"


def test_a_service_that_holds_what_they_name_publishes_them() -> None:
    flows = {path: read(text, str(path)) for path, text in converted().items()}
    held = {
        key: sorted({name_of(r) for f in flows.values() for r in static(f, kind)})
        for kind, (key, _, _) in KEYS.items()
    }
    functions = {r for f in flows.values() for r in static(f, "lambda-function")}
    instance = {"alias": "here", "region": "eu-central-1", "account": "444455556666"}
    inventory = {
        "instance": instance,
        "lambda_functions": sorted({FUNCTION + name_of(r) for r in functions}),
        "lex_bots": [BOT],
        **held,
    }
    with ExitStack() as stack:
        sandbox = Sandbox(SandboxInventory.parse(inventory))
        stack.callback(sandbox.close)
        server = stack.enter_context(SandboxServer(sandbox))
        client: Any = connect_client(sandbox, server.url)
        stack.callback(client.close)
        there = dict(listed(client, sandbox.instance_id))
        for number, (path, flow) in enumerate(flows.items()):
            answers = tuple(answer(r, there) for r in flow.references)
            bundle = connect.render(BoundFlow(flow, answers, type=flow.type))
            created = client.create_contact_flow(
                InstanceId=sandbox.instance_id,
                Name=f"{number} {path.stem}"[:127],
                Type=flow.type,
                Content=str(bundle.files["content.json"]),
                Status="PUBLISHED",
            )
            assert created["ContactFlowId"]


def static(flow: Flow, kind: str) -> Iterator[Reference]:
    return (r for r in flow.references if r.kind == kind and r.form != "dynamic")


def name_of(reference: Reference) -> str:
    """Return a name the sandbox can hold; a placeholder's stands for itself."""
    return "".join(c for c in reference.name if c.isalnum() or c in " _-.@") or "Any"


def listed(client: Any, instance: str) -> Iterator[tuple[tuple[str, str], str]]:
    for kind, (_, operation, key) in KEYS.items():
        pages = client.get_paginator(operation).paginate(InstanceId=instance)
        for item in (item for page in pages for item in page[key]):
            yield (kind, str(item.get("Name") or item.get("Username"))), item["Arn"]


def answer(reference: Reference, there: Mapping[tuple[str, str], str]) -> Binding:
    kept_as_it_is = ("lex-bot", "lex-v1-alias", "outside-number", "region")
    if reference.form == "dynamic" or reference.kind in kept_as_it_is:
        return Binding(reference, BindingState.UNCHECKED, reference.value, "test")
    name = name_of(reference)
    known = {"lambda-function": FUNCTION + name, "lex-bot-alias": BOT}
    arn = known.get(reference.kind) or there[reference.kind, name]
    resource = Resource(reference.kind, name, arn=arn)
    return Binding(reference, BindingState.RESOLVED, arn, "test", resource)
