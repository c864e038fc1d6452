"""What was written is read back: an instance that keeps something else is told so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from flowops.systems.connect.sandbox.context import Arguments, Context
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import SandboxProject
from tests.support.views import template, view, write

NAMES = ("A", "B")
Meddler = Callable[[Arguments], Arguments | None]
WRITES = {
    "contact-flow": "UpdateContactFlowContent",
    "flow-module": "UpdateContactFlowModuleContent",
    "view": "UpdateViewContent",
}


def meddle(
    project: SandboxProject, operation: str, meddler: Meddler, times: int
) -> None:
    """Let the instance do something else than it was asked, and say nothing.

    The first ``times`` calls that the meddler has to do with are meant.
    """
    service = project.sandbox._connect
    behaviour = service.behaviours[operation]
    left = iter(range(times))

    def handler(context: Context, arguments: Arguments) -> Mapping[str, Any]:
        meant: Arguments | None = arguments
        if next(left, None) is not None:
            meant = meddler(arguments)
        return behaviour.handler(context, meant) if meant else {}

    changed = dict(service.behaviours) | {
        operation: replace(behaviour, handler=handler)
    }
    project.sandbox._connect = replace(service, behaviours=changed)


def other_content(arguments: Arguments) -> Arguments:
    values = dict(arguments.values)
    content = values["Content"]
    if isinstance(content, Mapping):
        text = str(content["Template"]).replace("two", "meddled")
        values["Content"] = dict(content) | {"Template": text}
    else:
        values["Content"] = str(content).replace("two", "meddled")
    return replace(arguments, values=values)


def no_publish(arguments: Arguments) -> None:
    del arguments


def only_saved(arguments: Arguments) -> Arguments:
    key = next(name for name in arguments.values if name.endswith("FlowId"))
    values = dict(arguments.values) | {key: f"{arguments.values[key]}:$SAVED"}
    return replace(arguments, values=values)


def write_files(project: SandboxProject, kind: str, text: str) -> None:
    for name in NAMES:
        document: Any
        if kind == "view":
            document = view(template(text)) | {"Name": name}
        else:
            last = "EndFlowModuleExecution" if kind == "flow-module" else ""
            actions = [
                action("say", "MessageParticipant", {"Text": text}, "end"),
                action("end", last or "DisconnectParticipant"),
            ]
            document = contact_flow(actions, name=name)
            if kind == "flow-module":
                document["Settings"] = {}
        write(project, document, name)


def states(project: SandboxProject) -> list[str]:
    """Return the content of everything that is the project's."""
    given = {"InstanceId": project.sandbox.instance_id}
    found: list[str] = []
    for operation, key in (
        ("search_contact_flows", "ContactFlows"),
        ("search_contact_flow_modules", "ContactFlowModules"),
        ("search_views", "Views"),
    ):
        for item in getattr(project.client, operation)(**given)[key]:
            content = item["Content"]
            found.append(content if isinstance(content, str) else content["Template"])
    return found


CASES = [
    ("contact-flow", other_content),
    ("contact-flow", no_publish),
    ("contact-flow", only_saved),
    ("flow-module", other_content),
    ("flow-module", no_publish),
    ("view", other_content),
]


@pytest.mark.parametrize(("kind", "meddler"), CASES)
@pytest.mark.parametrize("step", [0, 1])
def test_what_is_not_what_was_written_is_put_back(
    example: SandboxProject, kind: str, meddler: Meddler, step: int
) -> None:
    write_files(example, kind, "one")
    assert example.run("promote", "staging", *NAMES, "--yes").code == 0
    before = states(example)
    write_files(example, kind, "two")
    passed = iter(range(step))

    def later(arguments: Arguments) -> Arguments | None:
        return arguments if next(passed, None) is not None else meddler(arguments)

    meddle(example, WRITES[kind], later, step + 1)
    result = example.run("promote", "staging", *NAMES, "--yes")
    assert result.code == 1
    assert "was written, and the instance holds something else" in result.err
    assert "plan again" in result.err
    assert f"{kind}/{NAMES[step]} was written" in result.err
    assert states(example) == before
    assert not (example.root / ".flowops/journal/staging.jsonl").exists()
    result = example.run("promote", "staging", *NAMES, "--yes")
    assert result.code == (3 if meddler is only_saved else 0), result.err
    assert ("unpublished-draft" in result.err) is (meddler is only_saved)


def test_a_new_flow_that_did_not_go_live_is_taken_away(example: SandboxProject) -> None:
    write_files(example, "contact-flow", "two")
    meddle(example, WRITES["contact-flow"], no_publish, 1)
    result = example.run("promote", "staging", *NAMES, "--yes")
    assert result.code == 1
    assert "it is saved, not published" in result.err
    assert not any("two" in content for content in states(example))


def test_an_instance_that_cannot_even_put_back_says_so(example: SandboxProject) -> None:
    write_files(example, "contact-flow", "one")
    assert example.run("promote", "staging", *NAMES, "--yes").code == 0
    write_files(example, "contact-flow", "two")

    def another(arguments: Arguments) -> Arguments:
        text = str(arguments.values["Content"]).replace("MessageParticipant", "Wait")
        return replace(arguments, values=dict(arguments.values) | {"Content": text})

    meddle(example, WRITES["contact-flow"], another, 99)
    result = example.run("promote", "staging", *NAMES, "--yes")
    assert result.code == 1
    assert "not restored: connect/contact-flow/A" in result.err
    assert (example.root / ".flowops/journal/staging.jsonl").exists()


def test_a_content_that_cannot_be_read_is_something_else(
    example: SandboxProject,
) -> None:
    """A draft is stored unchecked, so that it can be anything."""
    example.edit_environment("saved", "flows", "Main IVR", "status")
    assert example.run("promote", "staging", "Main IVR", "--yes").code == 0
    path = example.root / "flows/connect/main-ivr.json"
    text = path.read_text("utf-8").replace("We are closed.", "We open at nine.")
    path.write_text(text, "utf-8")

    def oops(arguments: Arguments) -> Arguments:
        return replace(arguments, values=dict(arguments.values) | {"Content": "oops"})

    meddle(example, WRITES["contact-flow"], oops, 1)
    result = example.run("promote", "staging", "Main IVR", "--yes")
    assert result.code == 1
    assert "its content cannot be read" in result.err
    assert "restored: connect/contact-flow/Main IVR" in result.err
