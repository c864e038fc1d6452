"""What a drift check says, whole, in each of its formats."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flowops.report.drift import drift_markdown, drift_text
from flowops.report.model import DriftReport, StandingReport
from tests.support.contact_flows import INSTANCE, action, contact_flow
from tests.support.golden import assert_golden
from tests.support.projects import SandboxProject, run

EXPECTED = Path(__file__).parents[2] / "golden" / "drift"
ID = "71569bb2-0000-4000-8000-000000000001"
ENDINGS = {"text": "txt", "json": "json", "markdown": "md"}


@pytest.fixture
def updating(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-goldens"))


def write_flow(project: SandboxProject, name: str, text: str, to: str = "") -> None:
    going = {"ContactFlowId": f"{INSTANCE}/contact-flow/{ID}"}
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "to" if to else "end"),
        *([action("to", "TransferToFlow", going, "end")] if to else []),
        action("end", "DisconnectParticipant"),
    ]
    shown = {"to": {"ContactFlow": {"text": to}}} if to else {}
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(contact_flow(actions, shown, name=name)), "utf-8")


def change_by_hand(project: SandboxProject, name: str, suffix: str = "") -> None:
    project.client.update_contact_flow_content(
        InstanceId=project.sandbox.instance_id,
        ContactFlowId=f"{project.flow_id(name)}{suffix}",
        Content=project.live(name)["Content"].replace("one", "by hand"),
    )


def drift_everywhere(project: SandboxProject) -> None:
    """Bring flows into every way of standing but two at once."""
    for name in ("Changed", "Draft", "Gone", "Edited", "Left", "Blocked"):
        write_flow(project, name, "one")
    assert project.run("promote", "staging", "--yes").code == 0
    change_by_hand(project, "Changed")
    change_by_hand(project, "Draft", ":$SAVED")
    project.client.delete_contact_flow(
        InstanceId=project.sandbox.instance_id, ContactFlowId=project.flow_id("Gone")
    )
    write_flow(project, "Edited", "two")
    write_flow(project, "Blocked", "one", "No such flow")
    (project.root / "flows/connect/Left.json").unlink()
    write_flow(project, "New ``` | @team <!-- x -->", "one")


def reports_of(project: SandboxProject, *words: str) -> dict[str, str]:
    """Run once; return the report of each format, and stdout."""
    folder = project.root.parent / "reports"
    options = [w for f in ENDINGS for w in ("--report", f"{f}={folder / f}")]
    result = project.run("drift", "staging", *options, *words)
    assert result.err == ""
    found = {f: (folder / f).read_text("utf-8") for f in ENDINGS}
    return found | {"out": result.out, "code": str(result.code)}


def scrub(text: str) -> str:
    return re.sub(r"\b[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-f]{8}", "RUN", text)


@pytest.mark.parametrize("case", ["never-promoted", "none", "everywhere"])
def test_drift_in_every_format(
    example: SandboxProject, updating: bool, case: str
) -> None:
    (example.root.parent / "reports").mkdir()
    if case == "none":
        assert example.run("promote", "staging", "--yes").code == 0
    elif case == "everywhere":
        drift_everywhere(example)
    found = reports_of(example, "--detailed-exitcode")
    assert found["code"] == ("2" if case == "everywhere" else "0")
    assert found["out"] == found["text"]
    for name, ending in ENDINGS.items():
        assert found[name] == example.run("drift", "staging", "--format", name).out
        path = EXPECTED / case / f"drift.{ending}"
        assert_golden(scrub(found[name]), path, updating)


def test_a_drift_check_writes_nothing_to_a_target(example: SandboxProject) -> None:
    drift_everywhere(example)
    before = len(example.sandbox.writes())
    assert example.run("drift", "staging").code == 0
    assert len(example.sandbox.writes()) == before


@pytest.mark.parametrize("name", ["sarif", "junit", "html", "comment", "annotations"])
def test_formats_a_drift_check_does_not_have(
    example: SandboxProject, tmp_path: Path, name: str
) -> None:
    words = ("--report", f"json={tmp_path / 'a'}", "--report", f"{name}={tmp_path}/b")
    result = example.run("drift", "staging", *words)
    assert (result.code, result.out) == (64, "")
    assert f"a drift check cannot be written as {name}" in result.err
    assert not (tmp_path / "a").exists()
    assert example.run("drift", "staging", "--format", name).code == 64


def test_a_run_is_named_as_its_record_is(example: SandboxProject) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    (record,) = (example.root / ".flowops/records/staging").glob("*.json")
    out = run("drift", "staging", "--project", str(example.root)).out
    assert f"last promoted by run {record.stem}\n" in out
    words = ("drift", "staging", "--format", "markdown")
    assert f"run <code>{record.stem}</code>." in example.run(*words).out


def test_text_from_outside_is_inert() -> None:
    hostile = "x\n::error::y\x1b[31m <!-- `z` | @team"
    flow = StandingReport(hostile, ("in sync",), drifted=False)
    report = DriftReport(hostile, hostile, (flow,))
    for text in (drift_text(report), drift_markdown(report, whole="the summary")):
        assert "\x1b" not in text
        assert not re.search(r"(?m)^\s*::", text)
    markdown = drift_markdown(report, whole="the summary")
    assert "<!--" not in markdown
    assert "@team" not in markdown


def test_many_flows_fit_into_an_issue() -> None:
    """A body of an issue has the limit of a comment; the total stays."""
    flows = tuple(
        StandingReport(f"connect/contact-flow/{n:05} {'x' * 90}", ("in sync",), n < 9)
        for n in range(20_000)
    )
    text = drift_markdown(DriftReport("e", "", flows), whole="the summary")
    assert len(text.encode()) <= 65_000
    assert "**9 flows drifted.**" in text
    assert text.count("in sync") < 20_000
    assert "the summary" in text
