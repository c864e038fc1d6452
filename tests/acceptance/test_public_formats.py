"""What others read keeps its contract: SARIF, plan.json, the action, the workflows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from flowops.github.inputs import command_inputs
from tests.acceptance.command_line import flowops
from tests.github.entry import action
from tests.golden.test_commands import write_bad_flows
from tests.support.projects import SandboxProject
from tests.support.sources import ROOT

BIN = Path(sys.executable).parent
SARIF = json.loads((ROOT / "tests/support/sarif-2.1.0.schema.json").read_text("utf-8"))
WORKFLOWS = [
    *sorted(ROOT.glob(".github/workflows/*.yml")),
    *sorted(ROOT.glob("templates/github/*.yml")),
]


def valid(document: Any, schema: Any) -> None:
    kind = validator_for(schema, default=Draft202012Validator)
    errors = sorted(kind(schema).iter_errors(document), key=str)
    assert errors == []


def test_sarif_is_valid_and_leads_to_the_lines(example: SandboxProject) -> None:
    write_bad_flows(example.root / "flows" / "bad")
    queue = ("flows", "Main IVR", "references", "queue", "Sales")
    example.edit_environment("Sales EMAE", *queue)
    for words, code in ((("check",), 0), (("plan", "staging"), 1)):
        done = flowops(*words, "--format", "sarif", cwd=example.root)
        assert done.returncode == code
        document = json.loads(done.stdout)
        valid(document, SARIF)
        (run,) = document["runs"]
        assert run["results"]
        known = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
        for result in run["results"]:
            assert result["ruleId"] in known
            assert result["partialFingerprints"]
            for place in result.get("locations", ()):
                where = place["physicalLocation"]["artifactLocation"]["uri"]
                assert (example.root / where).is_file()


def test_a_plan_is_what_its_schema_says(example: SandboxProject) -> None:
    done = flowops("plan", "staging", "--format", "json", cwd=example.root)
    schema = json.loads(flowops("schema", "plan", cwd=example.root).stdout)
    valid(json.loads(done.stdout), schema)


def test_inputs_options_and_page_are_the_same() -> None:
    """The program that writes the inputs finds nothing to write."""
    for tool in ("action_inputs", "workflow_templates"):
        command = [sys.executable, str(ROOT / f"tools/{tool}.py"), "--check"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    names = {one.name for one in command_inputs()} | {"command", "comment"}
    assert action()["inputs"].keys() == names | {"github-token"}
    page = (ROOT / "docs/github-actions.md").read_text("utf-8")
    assert all(f"| `{name}` | " in page for name in names)


def test_an_option_more_is_seen(tmp_path: Path) -> None:
    """The check of the test above does fail when action.yml is behind."""
    for name in ("action.yml", "docs", "tools"):
        place = ROOT / name
        copy = shutil.copytree if place.is_dir() else shutil.copy
        copy(place, tmp_path / name)
    path = tmp_path / "action.yml"
    path.write_text(path.read_text("utf-8").replace("  strict:\n", "  lax:\n"), "utf-8")
    command = [sys.executable, str(tmp_path / "tools/action_inputs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "action.yml is old" in done.stderr


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    options = ["--offline", "--quiet", "--persona=pedantic", "--no-config"]
    return subprocess.run(
        [str(BIN / "zizmor"), *options, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_zizmor_finds_nothing_in_what_we_run_and_what_others_copy() -> None:
    done = zizmor(ROOT / "action.yml", *WORKFLOWS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("permissions: {}\n", "permissions: write-all\n"),
        ("          persist-credentials: false\n", "          lfs: false\n"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@main"),
        ("  pull_request:\n", "  pull_request_target:\n"),
    ],
)
def test_zizmor_would_find_it(tmp_path: Path, old: str, new: str) -> None:
    text = (ROOT / "templates/github/flows.yml").read_text("utf-8")
    assert old in text
    path = tmp_path / ".github/workflows/flows.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(old, new), "utf-8")
    assert zizmor(path).returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_each_workflow_is_one_by_its_schema(path: Path) -> None:
    schema = ["--builtin-schema", "vendor.github-workflows"]
    command = [str(BIN / "check-jsonschema"), "--quiet", *schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_promote_is_never_cut_off_and_has_no_cache() -> None:
    for path in WORKFLOWS:
        text = path.read_text("utf-8")
        if "command: promote" in text:
            assert "cancel-in-progress: false" in text
            assert "actions/cache" not in text
            assert "expect-digest: ${{ needs.plan-" in text
            assert text.count("command: promote") == text.count("    environment: ") - (
                text.count("          environment: ")
            )
