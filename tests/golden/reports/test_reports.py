"""Every format of a report, whole, for plans and checks of small projects."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from flowops.cli.showing import rule_texts
from flowops.model import Finding, Severity
from flowops.report.formats import FINDING_FORMATS, PLAN_FORMATS
from flowops.report.markdown import comment_pages, plan_markdown
from flowops.report.model import CheckedFlow, CheckReport, PlanReport, ReportOptions
from flowops.report.text import plan_text
from tests.support.golden import assert_golden
from tests.support.report_cases import CASES, many, new_case, unresolved, update

HERE = Path(__file__).parent
OPTIONS = ReportOptions("1.2.3", rule_texts(), whole="the summary of the job")
ENDINGS = {
    "text": "txt",
    "json": "json",
    "markdown": "md",
    "sarif": "sarif.json",
    "junit": "junit.xml",
    "annotations": "annotations.txt",
}
# Only a plan is put into a comment, or drawn.
OF_PLANS = {**ENDINGS, "comment": "comment.md"}


@pytest.fixture
def updating(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-goldens"))


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str, tmp_path: Path, updating: bool) -> None:
    report = CASES[name](new_case(tmp_path / "project"))
    for form, ending in OF_PLANS.items():
        text = PLAN_FORMATS[form](report, OPTIONS)
        assert_golden(text, HERE / name / f"plan.{ending}", updating)


def test_plan_in_colour(tmp_path: Path, updating: bool) -> None:
    report = update(new_case(tmp_path / "project"))
    text = plan_text(report, colour=True)
    assert_golden(text, HERE / "update" / "plan.coloured.txt", updating)


def test_plan_of_many_flows_in_little_room(tmp_path: Path, updating: bool) -> None:
    one = update(new_case(tmp_path / "project"))
    report = replace(many(one, 12), source={"commit": "c0ffee", "dirty": True})
    whole = OPTIONS.whole
    cut = plan_markdown(report, whole=whole, limit=8_000)
    assert_golden(cut, HERE / "many" / "plan.md", updating)
    pages = comment_pages(report, whole=whole, limit=8_000, most=2)
    for number, page in enumerate(pages, 1):
        assert_golden(page, HERE / "many" / f"comment-{number}.md", updating)


def test_check(tmp_path: Path, updating: bool) -> None:
    report = check_report(unresolved(new_case(tmp_path / "project")))
    for form, ending in ENDINGS.items():
        text = FINDING_FORMATS[form](report, OPTIONS)
        assert_golden(text, HERE / "check" / f"check.{ending}", updating)


def check_report(plan: PlanReport) -> CheckReport:
    flows = (CheckedFlow(change.address, change.path) for change in plan.changes)
    (error,) = (f for f in plan.findings if "unresolved" in f.rule)
    warning = replace(
        error,
        rule="connect/unreachable",
        severity=Severity.WARNING,
        message="block Say sorry (MessageParticipant) is never reached",
        hint="",
    )
    message = "no file matches flows/**/*.zip"
    nowhere = Finding("project/no-files", Severity.WARNING, message, hint="mend it")
    return CheckReport(tuple(flows), (error, warning, nowhere))


def test_every_format_has_goldens() -> None:
    assert {*OF_PLANS, "html"} == {*PLAN_FORMATS}
    assert {*ENDINGS} == {*FINDING_FORMATS}


def test_every_json_report_is_what_the_schema_says() -> None:
    from jsonschema import Draft202012Validator

    from flowops.schema import schema_text

    validator = Draft202012Validator(json.loads(schema_text("plan")))
    for name in CASES:
        document = json.loads((HERE / name / "plan.json").read_text("utf-8"))
        assert [e.message for e in validator.iter_errors(document)] == []


@pytest.mark.parametrize("form", PLAN_FORMATS)
def test_no_format_shows_a_secret(form: str, tmp_path: Path) -> None:
    """The flow holds two passwords, of before and after; the plan tells them apart."""
    case = new_case(tmp_path / "project")
    text = PLAN_FORMATS[form](CASES["sealed"](case), OPTIONS)

    assert "hunter2" in (case.root / "flows/connect/main-ivr.json").read_text("utf-8")
    assert "hunter2" not in text
