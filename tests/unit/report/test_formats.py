"""What each format promises: colours, SARIF, JUnit, annotations and names."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator

from flowops.cli.commands.options import ReportFormat
from flowops.cli.showing import rule_texts, wants_colour
from flowops.errors import UsageError
from flowops.model import Address, Finding, Location, Severity
from flowops.report.annotations import MOST, findings_annotations
from flowops.report.formats import FINDING_FORMATS, PLAN_FORMATS, check_as
from flowops.report.junit import check_junit
from flowops.report.model import CheckedFlow, CheckReport, ReportOptions, RuleText
from flowops.report.sarif import FINGERPRINT, MOST_RESULTS, findings_sarif
from flowops.report.text import plan_text
from flowops.report.visible import changed_lines
from tests.support.report_cases import CASES, new_case

SCHEMA = Path(__file__).parents[2] / "support" / "sarif-2.1.0.schema.json"
OPTIONS = ReportOptions("1.0")
FINDING = Finding(
    "a/rule",
    Severity.ERROR,
    "line environments/x.yaml:3:4 says no",
    Location("flows/größe & more.json", 7, 9),
    Address("connect", "contact-flow", "Main"),
    "do this",
)


def sarif(*findings: Finding, options: ReportOptions = OPTIONS) -> dict[str, Any]:
    document = json.loads(findings_sarif(findings, options))
    validator = Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert [error.message for error in validator.iter_errors(document)] == []
    run = document["runs"][0]
    assert isinstance(run, dict)
    return run


def test_every_format_has_one_name() -> None:
    assert [*PLAN_FORMATS] == [*ReportFormat]
    assert {*FINDING_FORMATS} < {*ReportFormat}


def test_a_format_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="a check cannot be written as html"):
        check_as("html", CheckReport((), ()), OPTIONS)


# Text.


@pytest.mark.parametrize("name", CASES)
def test_colours_add_nothing_but_colour(name: str, tmp_path: Path) -> None:
    report = CASES[name](new_case(tmp_path / "project"))
    coloured = plan_text(report, colour=True)

    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plan_text(report)


@pytest.mark.parametrize(
    ("variables", "is_terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": ""}, False, False),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ({"TERM": "xterm"}, True, True),
    ],
)
def test_colours_are_for_terminals(
    variables: dict[str, str], is_terminal: bool, wanted: bool
) -> None:
    assert wants_colour(variables, is_terminal=is_terminal) is wanted


def test_lines_that_differ() -> None:
    assert [*changed_lines("a\nb\nc\nd", "a\nB\nc\nd\ne", 9)] == ["- b", "+ B", "+ e"]
    assert [*changed_lines("a\nb\nc", "x\ny\nz", 2)] == [
        "- a",
        "- b",
        "… and 4 more lines",
    ]
    assert [*changed_lines("a\r\nb", "a\nb", 9)] == ["only the ends of lines differ"]


def test_very_long_texts_are_compared_by_their_ends() -> None:
    old = "\n".join(["same", *(f"old {n}" for n in range(1000)), "same"])
    new = "\n".join(["same", *(f"new {n}" for n in range(1000)), "same"])

    found = [*changed_lines(old, new, 5000)]

    assert len(found) == 2000
    assert found[0] == "- old 0"


# SARIF.


def test_sarif_names_the_place_as_a_relative_uri() -> None:
    (result,) = sarif(FINDING)["results"]
    place = result["locations"][0]["physicalLocation"]

    assert place["artifactLocation"] == {
        "uri": "flows/gr%C3%B6%C3%9Fe%20%26%20more.json",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {"startLine": 7, "startColumn": 9}
    assert result["message"] == {"text": f"{FINDING.message} (do this)"}


def test_sarif_has_no_place_for_what_has_none() -> None:
    (result,) = sarif(replace(FINDING, location=None))["results"]

    assert result["locations"] == []


def test_sarif_levels_and_the_worst_first() -> None:
    found = [replace(FINDING, severity=severity) for severity in reversed(Severity)]

    levels = [result["level"] for result in sarif(*found)["results"]]

    assert levels == ["error", "warning", "note"]


def test_sarif_explains_the_rules_it_uses() -> None:
    text = RuleText("a/rule", "Title", "Text.", "Hint.", "https://example.test/rule")
    options = replace(OPTIONS, rules={"a/rule": text, "b/rule": text})

    run = sarif(FINDING, replace(FINDING, rule="c/rule"), options=options)

    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "a/rule",
            "shortDescription": {"text": "Title"},
            "fullDescription": {"text": "Text."},
            "help": {"text": "Text.\n\nHint."},
            "helpUri": "https://example.test/rule",
        },
        {
            "id": "c/rule",
            "shortDescription": {"text": "c/rule"},
            "fullDescription": {"text": "c/rule"},
            "help": {"text": "c/rule"},
        },
    ]
    assert [r["ruleIndex"] for r in run["results"]] == [0, 1]


def test_every_rule_that_can_be_explained_fits_into_sarif() -> None:
    rules = rule_texts()
    found = [replace(FINDING, rule=name) for name in rules]

    shown = sarif(*found, options=replace(OPTIONS, rules=rules))

    assert len(shown["tool"]["driver"]["rules"]) == len(rules)


def fingerprints(*findings: Finding) -> list[str]:
    return [r["partialFingerprints"][FINGERPRINT] for r in sarif(*findings)["results"]]


def test_a_fingerprint_stays_when_lines_move() -> None:
    moved = replace(
        FINDING,
        location=Location("flows/größe & more.json", 70, 1),
        message="line environments/x.yaml:30:40 says no",
    )

    assert fingerprints(FINDING) == fingerprints(moved)


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, rule="b/rule"),
        replace(FINDING, message="something else"),
        replace(FINDING, location=Location("other.json", 7, 9)),
        replace(FINDING, address=None),
    ],
)
def test_a_fingerprint_tells_findings_apart(other: Finding) -> None:
    assert fingerprints(FINDING) != fingerprints(other)


def test_equal_findings_have_fingerprints_of_their_own() -> None:
    assert len({*fingerprints(FINDING, FINDING, FINDING)}) == 3


def test_sarif_drops_the_least_when_there_are_too_many() -> None:
    info = replace(FINDING, severity=Severity.INFO)
    run = json.loads(findings_sarif([info] * MOST_RESULTS + [FINDING], OPTIONS))[
        "runs"
    ][0]

    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][0]["level"] == "error"
    assert run["properties"]["leftOut"] == 1


def test_a_message_of_sarif_holds_no_link() -> None:
    (result,) = sarif(replace(FINDING, message="see [this](http://x.test)", hint=""))[
        "results"
    ]

    assert result["message"]["text"] == "see [this\\](http://x.test)"


# JUnit.


def cases(report: CheckReport) -> dict[str, ET.Element]:
    root = ET.fromstring(check_junit(report))
    return {str(case.get("name")): case for case in root.iter("testcase")}


def test_junit_has_a_case_for_each_flow_and_each_file_beside_them() -> None:
    flow = CheckedFlow("connect/contact-flow/a/b", "flows/a.json")
    other = CheckedFlow("connect/contact-flow/Fine", "flows/fine.json")
    in_file = replace(FINDING, address=None, location=Location("flows/a.json", 1))
    elsewhere = replace(in_file, location=Location("environments/x.yaml", 1))
    nowhere = replace(in_file, location=None, severity=Severity.WARNING)
    report = CheckReport((flow, other), (in_file, elsewhere, nowhere))

    found = cases(report)

    assert {name: len(case.findall("failure")) for name, case in found.items()} == {
        "a/b": 1,
        "Fine": 0,
        "x.yaml": 1,
        "project": 0,
    }
    assert found["a/b"].get("classname") == "connect.contact-flow"
    assert found["a/b"].get("file") == "flows/a.json"
    assert "warning" in (found["project"].findtext("system-out") or "")
    root = ET.fromstring(check_junit(report))
    assert (root.get("tests"), root.get("failures")) == ("4", "2")


def test_junit_says_how_many_findings_of_a_flow_it_leaves_out() -> None:
    report = CheckReport((), tuple([FINDING] * 130))

    (case,) = cases(report).values()

    assert len(case.findall("failure")) == 100
    assert case.findtext("system-out") == "… and 30 more findings"


# Annotations.


def test_annotations_are_escaped_as_the_runner_reads_them() -> None:
    odd = replace(FINDING, location=Location("a,b:c%.json", 2, 3), message="100%")

    assert findings_annotations([odd], "there") == (
        "::error file=a%2Cb%3Ac%25.json,line=2,col=3,title=FlowOps a/rule"
        "::100%25%0Ado this\n"
    )


def test_annotations_of_a_severity_are_ten_and_the_last_counts_the_rest() -> None:
    found = [
        replace(FINDING, severity=severity, message=f"{severity} {number}")
        for severity in (Severity.INFO, Severity.WARNING, Severity.ERROR)
        for number in range(13)
    ]

    lines = findings_annotations(found, "the summary").splitlines()

    assert [line.split(" ")[0] for line in lines] == (
        ["::error"] * MOST + ["::warning"] * MOST + ["::notice"] * MOST
    )
    assert lines[9].endswith("(and 3 more; all of them: the summary)")
    assert sum("more" in line.rpartition("::")[2] for line in lines) == 3


def test_ten_annotations_are_all_there_is_to_say() -> None:
    assert "more;" not in findings_annotations([FINDING] * MOST, "there")
