"""action.yml holds no logic: inputs go in through variables, outputs come out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowops.cli.outcome import Reason
from flowops.github.inputs import variable
from flowops.github.job import plan_outputs
from flowops.report.formats import DRIFT_FORMATS, FINDING_FORMATS, PLAN_FORMATS
from flowops.report.model import (
    CheckReport,
    DriftReport,
    PlanReport,
    ReportOptions,
    StandingReport,
)
from tests.github.entry import action
from tests.support.sources import ROOT

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
OPTIONS = ReportOptions("1.0", whole="the summary")
PAGE = (ROOT / "docs/github-actions.md").read_text("utf-8")


def steps() -> list[dict[str, Any]]:
    found = action()["runs"]["steps"]
    assert isinstance(found, list)
    return found


def step_of_flowops() -> dict[str, Any]:
    return next(step for step in steps() if step.get("id") == "flowops")


def test_it_is_a_composite_action() -> None:
    assert action()["runs"]["using"] == "composite"


def test_nothing_is_put_into_a_shell_script() -> None:
    for step in steps():
        assert "${{" not in step.get("run", "")


def test_every_input_goes_through_a_variable_of_its_own() -> None:
    given = dict(step_of_flowops()["env"])
    venv = given.pop("VENV")
    assert venv.startswith("${{ runner.temp }}")
    assert given.pop("FLOWOPS_GITHUB_TOKEN") == "${{ inputs.github-token }}"
    names = action()["inputs"].keys() - {"github-token"}
    assert given == {variable(n): f"${{{{ inputs.{n} }}}}" for n in names}


def test_only_the_step_that_runs_flowops_sees_inputs() -> None:
    for step in steps():
        if step.get("id") != "flowops":
            assert not re.search(r"inputs\.|github\.token|secrets\.", str(step))


def test_flowops_runs_apart_from_the_workspace() -> None:
    """``-I``: no file of the checkout is imported. ``exec``: signals reach it."""
    assert step_of_flowops()["run"].startswith('exec "${VENV}/bin/python" -I -m ')
    assert "working-directory" not in step_of_flowops()
    for step in steps():
        if "install" in step.get("run", ""):
            assert step["working-directory"] == "${{ runner.temp }}"
            assert step["env"]["UV_NO_CONFIG"] == "1"


@pytest.mark.parametrize(
    "path",
    [
        "action.yml",
        *(p.relative_to(ROOT).as_posix() for p in ROOT.glob(".github/workflows/*.yml")),
        *(p.relative_to(ROOT).as_posix() for p in ROOT.glob("templates/github/*.yml")),
    ],
)
def test_every_action_is_pinned_by_commit(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    used = re.findall(r"^\s*-?\s*uses:\s*(\S+)(.*)$", text, re.MULTILINE)
    assert used
    for name, comment in used:
        if name == "$/":  # this checkout
            continue
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name), name
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), name


def test_no_workflow_trusts_a_pull_request() -> None:
    for path in [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("templates/**/*")]:
        if path.is_file():
            text = path.read_text("utf-8")
            assert "pull_request_target" not in text
            assert "workflow_run" not in text
            assert "GITHUB_ENV" not in text
            assert "GITHUB_PATH" not in text


def test_no_script_of_a_workflow_has_an_expression() -> None:
    """A branch or a title could hold a command."""
    for path in ROOT.glob(".github/workflows/*.yml"):
        scripts = re.findall(
            r"(?m)^( +)run: (?:\|\n((?:\1 .*\n|\n)+)|(.*))", path.read_text()
        )
        assert not any("${{" in "".join(found) for found in scripts)


def written_outputs() -> set[str]:
    """Return the names of all outputs that some command writes."""
    plan = PlanReport(
        environment="e",
        compared_with={},
        targets={},
        changes=(),
        findings=(),
        summary={"create": 0, "update": 0, "delete": 0, "move": 0, "layout": 0}
        | {"blocked": 0},
        digest="sha256:0",
        errored=False,
        unmanaged=(),
        source={},
    )
    drift = DriftReport("e", "", (StandingReport("a", ("in sync",), drifted=False),))
    texts = (
        PLAN_FORMATS["json"](plan, OPTIONS),
        FINDING_FORMATS["json"](CheckReport((), ()), OPTIONS),
        DRIFT_FORMATS["json"](drift, OPTIONS),
    )
    names = {name for text in texts for name in plan_outputs(json.loads(text))}
    return names | {"exit-code", "failure-reason", "plan-path", "report-path"}


def test_every_output_is_written_and_every_one_written_is_an_output() -> None:
    outputs = action()["outputs"]
    assert outputs.keys() == written_outputs()
    for name, output in outputs.items():
        assert output["value"] == f"${{{{ steps.flowops.outputs.{name} }}}}"


def test_the_page_has_every_output_and_every_reason() -> None:
    for name in action()["outputs"]:
        assert f"`{name}`" in PAGE
    description = action()["outputs"]["failure-reason"]["description"]
    for reason in Reason:
        assert re.search(rf"`{reason}[`:]", PAGE), reason
        assert re.search(rf"\b{reason}\b", description), reason


def test_the_page_names_workflows_that_there_are() -> None:
    for target in re.findall(r"\]\((\.\./[^)]+)\)", PAGE):
        assert (ROOT / "docs" / target).resolve().exists(), target


def test_lint_looks_at_everything_others_copy() -> None:
    lint = (ROOT / "Makefile").read_text("utf-8").partition("lint-actions:")[2]
    lint = lint.partition("\n\n")[0]
    assert re.search(r"zizmor .*action\.yml \.github templates/github", lint)
    for path in sorted((ROOT / "templates").rglob("*")):
        folder = Path(path).parent.name
        assert path.is_dir() or f"templates/{folder}" in lint
    assert "pedantic" in lint
