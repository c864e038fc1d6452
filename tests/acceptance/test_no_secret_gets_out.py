"""A secret in a flow, the environment or a target's answer is in no output at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.github.entry import runner
from tests.golden.test_no_secret_escapes import MARKER, plant
from tests.support.projects import Result, SandboxProject

FINDING = ["text", "json", "markdown", "sarif", "junit", "annotations"]
FORMATS = [*FINDING, "comment", "html"]
KEYS = ("apiKey", "clientSecret", "Authorization", "db_password")


def all_reports(folder: Path, formats: list[str]) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [f"--report={name}={folder / name}" for name in formats]


def assert_clean(project: SandboxProject, *results: Result) -> None:
    """Look at what was printed, and into every file that is not the planted one."""
    for result in results:
        assert MARKER not in result.out + result.err
        assert "Traceback" not in result.err
    planted = project.root / "flows", project.root / "secret.txt"
    for path in project.root.parent.rglob("*"):
        inside = any(path.is_relative_to(place) for place in planted)
        if path.is_file() and not inside and ".git" not in path.parts:
            assert MARKER.encode() not in path.read_bytes(), path


def answer_with_secrets(project: SandboxProject) -> None:
    """Let the instance hold a flow with secrets that the project knows nothing of."""
    content = project.content("Main IVR")
    for block in content["Actions"]:
        if block["Type"] == "InvokeLambdaFunction":
            given = {key: f"{key}-{MARKER}" for key in KEYS}
            block["Parameters"]["LambdaInvocationAttributes"] = given
    project.client.update_contact_flow_content(
        InstanceId=project.sandbox.instance_id,
        ContactFlowId=project.flow_id("Main IVR"),
        Content=json.dumps(content),
    )
    assert MARKER in project.live("Main IVR")["Content"]


def test_of_flows_and_the_environment(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(example, monkeypatch)
    folder = example.root.parent / "reports"
    assert_clean(
        example,
        example.run("check", *all_reports(folder, FINDING)),
        example.run("plan", "staging", *all_reports(folder, FORMATS)),
        example.run("plan", "staging", "--save", str(folder / "plan.json"), "-v"),
        example.run("promote", "staging", "--dry-run", *all_reports(folder, FORMATS)),
        example.run("promote", "staging", "--yes", "--allow", "dirty-tree", "-v"),
        example.run("show", "Main IVR", "--no-open", "--out", str(folder / "page")),
        example.run("show", "Opaque", "--no-open", "--out", str(folder / "opaque")),
    )


def test_of_an_answer_of_the_target(example: SandboxProject) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    answer_with_secrets(example)
    folder = example.root.parent / "reports"
    drift = all_reports(folder, ["text", "json", "markdown"])
    results = [
        example.run("plan", "staging", *all_reports(folder, FORMATS)),
        example.run("drift", "staging", *drift),
        example.run("inventory", "staging"),
        example.run("promote", "staging", "--yes", *all_reports(folder, FORMATS)),
        example.run("rollback", "staging", "--yes", *all_reports(folder, FORMATS)),
        example.run("drift", "staging", *drift),
    ]
    assert [r.code for r in results[:4]] == [0, 0, 0, 0]
    assert results[4].code == 1
    assert "no commit is known that it was rendered from" in results[4].out
    assert_clean(example, *results)


def test_of_a_defect(example: SandboxProject, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(example, monkeypatch)

    def broken(*_: object, **__: object) -> None:
        message = f"the password is {MARKER}"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("flowops.cli.reading.make_plan", broken)
    result = example.run("plan", "staging")
    assert result.code == 70
    assert_clean(example, result)


def test_of_what_a_job_of_github_shows(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(example, monkeypatch)
    with runner(example, tmp_path / "runner") as machine:
        machine.event = "pull_request"
        for name in ("KAFKA_USERNAME", "KAFKA_PASSWORD"):
            machine.variables[name] = f"{name}-{MARKER}"
        for command in ("check", "plan", "promote"):
            given = {"check": "", "plan": "staging", "promote": "staging"}
            ran = machine.run(command, given[command])
            assert (
                f"::add-mask::KAFKA_PASSWORD-{MARKER}\n" in ran.out
                or not given[command]
            )
            shown = (ran.log, ran.err, ran.summary, *ran.outputs.values())
            for text in (*shown, *machine.api.bodies()):
                assert MARKER not in text
        assert machine.api.bodies() != []
    assert_clean(example)
