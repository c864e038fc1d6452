"""Whole outputs of whole commands, on projects that are small and complete."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.golden import assert_golden
from tests.support.projects import (
    STAGING,
    Result,
    SandboxProject,
    copy_example,
    run,
)

EXPECTED = Path(__file__).parent / "commands"
QUEUE = ("flows", "Main IVR", "references", "queue", "Sales")
IVR = "flows/connect/main-ivr.json"


@pytest.fixture
def updating(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-goldens"))


def golden(
    project: SandboxProject, updating: bool, name: str, code: int, *words: str
) -> None:
    """Run a command and compare everything it printed."""
    result = project.run(*words)
    assert result.code == code, result.err
    assert_golden(scrub(project, result, *words), EXPECTED / f"{name}.txt", updating)


def scrub(project: SandboxProject, result: Result, *words: str) -> str:
    """Take out what differs from run to run: folders, commits and times."""
    text = result.transcript(*words).replace(str(project.root), "PROJECT")
    text = re.sub(r"\b[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-", "TIME-", text)
    return re.sub(r'"commit": "[0-9a-f]{40}"', '"commit": "COMMIT"', text)


def edit_flow(project: SandboxProject, change: Any) -> None:
    path = project.root / IVR
    flow = json.loads(path.read_text("utf-8"))
    change(flow)
    path.write_text(json.dumps(flow, indent=2) + "\n", "utf-8")


def test_check_of_the_example(example: SandboxProject, updating: bool) -> None:
    golden(example, updating, "check", 0, "check")
    golden(example, updating, "check-json", 0, "check", "--format", "json")


def test_first_plan_creates(example: SandboxProject, updating: bool) -> None:
    golden(example, updating, "plan-create", 0, "plan", "staging")
    words = ("plan", "staging", "Main IVR", "--format", "json")
    golden(example, updating, "plan-create-json", 0, *words)


def test_unresolved_queue(example: SandboxProject, updating: bool) -> None:
    example.edit_environment("Sales EMAE", *QUEUE)
    golden(example, updating, "plan-unresolved", 1, "plan", "staging")
    golden(example, updating, "promote-unresolved", 1, "promote", "staging", "--yes")
    assert example.sandbox.writes() == []
    assert not (example.root / "deploy").exists()


def test_promote_then_no_changes(example: SandboxProject, updating: bool) -> None:
    golden(example, updating, "promote", 0, "promote", "staging", "--yes")
    golden(example, updating, "plan-no-changes", 0, "plan", "staging")
    golden(example, updating, "promote-nothing", 0, "promote", "staging", "--yes")


def test_update_by_meaning(example: SandboxProject, updating: bool) -> None:
    assert example.run("promote", "staging", "--yes").code == 0
    example.edit_environment("Sales APAC", *QUEUE)

    def change(flow: dict[str, Any]) -> None:
        blocks = {action["Identifier"]: action for action in flow["Actions"]}
        blocks["Say closed"]["Parameters"]["Text"] = "We open at nine."
        blocks["Welcome"]["Transitions"]["NextAction"] = "Check hours"
        flow["Actions"].remove(blocks["Identify caller"])
        blocks["Look up customer"]["Transitions"]["NextAction"] = "Check hours"
        blocks["Look up customer"]["Transitions"]["Errors"] = []

    edit_flow(example, change)
    words = ("plan", "staging", "Main IVR")
    golden(example, updating, "plan-update", 2, *words, "--detailed-exitcode")
    golden(example, updating, "plan-update-json", 0, *words, "--format", "json")


def test_layout_is_counted_apart(example: SandboxProject, updating: bool) -> None:
    assert example.run("promote", "staging", "--yes").code == 0

    def move(flow: dict[str, Any]) -> None:
        shown = flow["Metadata"]["ActionMetadata"]
        shown["Welcome"]["position"] = {"x": 1, "y": 2}
        flow["Metadata"]["entryPointPosition"]["x"] = 0

    edit_flow(example, move)
    golden(example, updating, "plan-layout", 0, "plan", "staging", "Main IVR")


def test_render(example: SandboxProject, updating: bool) -> None:
    for name in ("staging", "production"):
        out = example.root / "out" / name
        words = ("render", name, "--out", str(out))
        result = example.run(*words)
        text = result.transcript(*words).replace(str(example.root), "PROJECT")
        assert_golden(text, EXPECTED / f"render-{name}.txt", updating)
        for path in sorted(p for p in out.rglob("*") if p.is_file()):
            expected = EXPECTED / "rendered" / name / path.relative_to(out)
            assert_golden(path.read_bytes(), expected, updating)


def test_bad_input_is_one_line_each(tmp_path: Path, updating: bool) -> None:
    root = copy_example(tmp_path / "project")
    write_bad_flows(root / "flows" / "bad")
    for name, words in {
        "check-bad-input": ("check",),
        "check-bad-input-json": ("check", "--format", "json"),
    }.items():
        result = run(*words, "--project", str(root))
        assert result.code == 1
        assert "Traceback" not in result.out + result.err
        assert_golden(result.transcript(*words), EXPECTED / f"{name}.txt", updating)


def write_bad_flows(folder: Path) -> None:
    """Write one file for each way a flow can be unreadable."""
    folder.mkdir()
    ivr = (folder.parents[1] / IVR).read_text("utf-8")
    stream = folder.parents[1] / "flows" / "event_processing" / "large-orders.json"
    orders = stream.read_text("utf-8")
    files: dict[str, bytes] = {
        "binary": b"\x00\x01\x02",
        "cp1252": b'{"Version": "2019-10-30",\n "Actions": [], "x": "\xe9"}',
        "deep": b"[" * 100_000,
        "duplicate-key": b'{"Version": "2019-10-30",\n "Actions": [], "Actions": []}',
        "empty": b"",
        "legacy": b'{"modules": [], "start": "x", "version": "1"}',
        "neither": b'{"openapi": "3.1.0"}',
        "no-start": b'{"Version": "2019-10-30", "Actions": []}',
        "not-json": b"{'Version': 1}",
        "surrogate": b'{"Version": "2019-10-30", "Actions": [],\n "x": "\\ud800"}',
        "truncated": ivr[:500].encode(),
        "unknown-action": ivr.replace("UpdateContactTargetQueue", "SetQueue")
        .replace('"Main IVR"', '"Main IVR 2"')
        .encode(),
        "unknown-flow-version": orders.replace('"flowVersion": 9', '"flowVersion": 42')
        .replace('"Large orders"', '"Orders of another age"')
        .encode(),
        "unknown-language": ivr.replace("2019-10-30", "2031-01-01").encode(),
        "unknown-node": orders.replace('"aggregate"', '"crystalBall"')
        .replace('"Large orders"', '"Orders of tomorrow"')
        .encode(),
        "utf-16": "{}".encode("utf-16"),
        "wrong-shape": b'{"Version": "2019-10-30",\n "StartAction": "a",\n'
        b' "Actions": [{"Identifier": "a", "Type": 7}]}',
    }
    for name, data in files.items():
        (folder / f"{name}.json").write_bytes(data)


def test_hostile_names_are_inert(example: SandboxProject, updating: bool) -> None:
    def rename(flow: dict[str, Any]) -> None:
        flow["Metadata"]["name"] = "::error::\x1b[31m<!-- `x` -->\u202e@team"
        flow["Actions"][1]["Parameters"] = {"Text": "\x1b]0;title\x07::set-output::"}

    edit_flow(example, rename)
    path = example.root / STAGING
    path.write_text(path.read_text("utf-8").replace("Main IVR", '"::error*"'), "utf-8")
    golden(example, updating, "hostile-names", 0, "plan", "staging", "::error*")
