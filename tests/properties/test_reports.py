"""What must hold for a report, whatever the texts in it are."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from flowops.model import Finding, Location, Severity
from flowops.report.annotations import findings_annotations
from flowops.report.junit import check_junit
from flowops.report.markdown import check_markdown
from flowops.report.markdown_text import code, fenced, prose
from flowops.report.model import CheckReport, ReportOptions
from flowops.report.sarif import findings_sarif
from flowops.report.text import findings_text

odd = st.sampled_from(
    [*"`|<>&@#:[]()*_~$\\\n\r\t\x00\u202e", "::error::", "##[", "<!--"]
)
texts = st.lists(odd | st.text(max_size=3), max_size=12).map("".join)
places = st.none() | st.builds(Location, texts, st.integers(1, 9), st.integers(1, 9))
findings = st.lists(
    st.builds(
        Finding, texts, st.sampled_from(Severity), texts, places, st.none(), texts
    ),
    max_size=30,
)


def is_inert(page: str) -> bool:
    lines = page.splitlines()
    return not any(x.lstrip().startswith("::") or "##[" in x for x in lines)


@given(findings)
def test_no_report_of_findings_speaks_to_the_log(found: list[Finding]) -> None:
    report = CheckReport((), tuple(found))

    assert is_inert(findings_text(found))
    assert is_inert(check_markdown(report, whole="x"))
    assert is_inert(check_junit(report))
    assert is_inert(findings_sarif(found, ReportOptions("1")))


@given(findings)
def test_reports_of_findings_are_well_formed(found: list[Finding]) -> None:
    root = ET.fromstring(check_junit(CheckReport((), tuple(found))))
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    assert len(root.findall(".//failure")) == errors

    results = json.loads(findings_sarif(found, ReportOptions("1")))["runs"][0][
        "results"
    ]
    assert len(results) == len(found)

    lines = findings_annotations(found, "x").splitlines()
    assert all(re.match(r"::(error|warning|notice) ", line) for line in lines)
    assert len(lines) == sum(
        min(10, sum(f.severity is severity for f in found)) for severity in Severity
    )


@given(texts)
def test_text_in_markdown_has_no_markup_of_its_own(text: str) -> None:
    inside = code(text).removeprefix("<code>").removesuffix("</code>")
    for written in (inside, prose(text)):
        bare = re.sub(r"&#\d+;", "", written)
        assert not set("<>|`*_[]~$\\&\n\"'") & set(bare)
        assert not re.search(r"@\w", written)


@given(st.lists(texts, max_size=4))
def test_a_fence_holds_what_is_inside(lines: list[str]) -> None:
    first, *inside, last = fenced(lines).splitlines()

    assert first == f"{last}diff"
    assert len(inside) == len(lines)
    assert not any(last in line or "<!--" in line for line in inside)
