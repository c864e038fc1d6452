"""Whatever flows are called and hold, a report is valid, bounded and does nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from flowops.model import Address, Finding, Location, Severity
from flowops.report.formats import FINDING_FORMATS, PLAN_FORMATS
from flowops.report.markdown import comment_pages, plan_markdown
from flowops.report.model import (
    BlockReport,
    ChangeReport,
    CheckedFlow,
    CheckReport,
    EdgeReport,
    FieldReport,
    PlanReport,
    ReferenceReport,
    ReportOptions,
    StatementReport,
)
from flowops.report.paging import COMMENT_LIMIT, SUMMARY_LIMIT, size
from tests.support.report_cases import many, new_case, update

OPTIONS = ReportOptions("1.0", whole="the job's summary")
WRITTEN = [name for name in PLAN_FORMATS if name != "html"]
HUGE = "x" * 10_000_000  # characters of one value, as an inventory may hold
TEXTS = {
    "command": "::error::x",
    "old-command": "##[error]x",
    "delimiter": "EOF",
    "fence": "````\n```\n~~~\n# x",
    "marker": "<!-- marker --> <!--",
    "mention": "@team @a/b",
    "issue": "#12 GH-12 https://x.test www.x.test",
    "table": "| a | b |\n|--|--|",
    "markup": "<img src=x onerror=y></details><script>x</script>",
    "link": "[a](http://x.test) ![a](b) <http://x.test>",
    "emphasis": "*a* _b_ `c` ~~d~~ $e$ \\*",
    "right-to-left": "a\u202eb\u2066c\u200fd",
    "control": "\x00\x01\x1b[31m\x7f\x85\u2028",
    "xml": "]]> &amp; ' \" \ud7ff\ufffe",
    "lines": "a\r\nb\rc\n\n::warning::d\n  ::error::e",
    "empty": "",
    "long": "x" * 50_000,
}


def report_of(text: str) -> PlanReport:
    """Return a plan in which everything that others choose is one text."""
    statement = StatementReport(text, "change", text, f"{text}\n{text}")
    changed = FieldReport(text, text, f"{text}!\n{text}", text, statements=(statement,))
    fields = (
        changed,
        replace(changed, statements=()),
        FieldReport(text, None, text, text),
        FieldReport(text, text, None, text),
        FieldReport(text, text, f"{text}!", text, text, f"{text}!"),
    )
    change = ChangeReport(
        address=f"connect/contact-flow/{text}",
        path=text,
        action="update",
        attributes=fields,
        blocks=(
            BlockReport(text, text, text, "change", fields, text),
            BlockReport(text, text, "", "add", fields),
            BlockReport(text, text, text, "remove", fields),
        ),
        edges_added=(EdgeReport(text, text, text, text, text),),
        edges_removed=(EdgeReport(text, "", text),),
        layout=1,
        moved=(text,) * 9,
        references=(ReferenceReport(text, text, text, text, "resolved", text, text),),
        state_safety="unknown",
        state_reason=text,
    )
    return PlanReport(
        environment=text,
        compared_with={"connect": text},
        targets={"connect": text},
        changes=(
            change,
            replace(change, action="create", previous_address=text),
            replace(change, action="blocked"),
            replace(change, action="delete"),
        ),
        findings=tuple(findings_of(text)),
        summary={
            "create": 1,
            "update": 1,
            "delete": 1,
            "move": 0,
            "layout": 0,
            "blocked": 1,
        },
        digest="sha256:0",
        errored=False,
        unmanaged=(text,),
        source={"commit": text, "dirty": True},
    )


def findings_of(text: str) -> list[Finding]:
    place, address = Location(text, 2, 3), Address("connect", "contact-flow", text)
    return [
        Finding(text, severity, text, place, address, text) for severity in Severity
    ] + [Finding(text, Severity.ERROR, text)]


def check_of(text: str) -> CheckReport:
    flow = CheckedFlow(f"connect/contact-flow/{text}", text)
    return CheckReport((flow,), tuple(findings_of(text)))


@pytest.fixture(params=TEXTS)
def text(request: pytest.FixtureRequest) -> str:
    return TEXTS[str(request.param)]


def written(form: str, text: str) -> list[str]:
    """Return a plan and a check in a format; only a plan goes into a comment."""
    plan = PLAN_FORMATS[form](report_of(text), OPTIONS)
    if form not in FINDING_FORMATS:
        return [plan]
    return [plan, FINDING_FORMATS[form](check_of(text), OPTIONS)]


@pytest.mark.parametrize("form", WRITTEN)
def test_a_log_takes_no_line_for_a_command(form: str, text: str) -> None:
    for page in written(form, text):
        for line in page.splitlines():
            if form == "annotations":
                assert re.match(r"::(error|warning|notice) (file|title)=", line)
            else:
                assert not line.lstrip().startswith("::")
                assert "##[" not in line


@pytest.mark.parametrize("form", [form for form in WRITTEN if form != "json"])
def test_nothing_invisible_is_written(form: str, text: str) -> None:
    for page in written(form, text):
        shown = page.replace("\n", "").replace("\u200b", "")
        assert shown.isprintable()


@pytest.mark.parametrize("form", [form for form in WRITTEN if form != "json"])
def test_values_of_any_size_make_small_reports(form: str) -> None:
    for page in written(form, HUGE):
        assert size(page) < 200_000


def test_annotations_are_one_line_each(text: str) -> None:
    page = FINDING_FORMATS["annotations"](check_of(text), OPTIONS)

    assert len(page.splitlines()) == len(findings_of(text))


def test_junit_is_xml(text: str) -> None:
    for page in written("junit", text):
        root = ET.fromstring(page)
        assert root.tag == "testsuites"
        assert root.findall(".//failure")


def test_json_and_sarif_are_json(text: str) -> None:
    for form in ("json", "sarif"):
        for page in written(form, text):
            assert isinstance(json.loads(page), dict)


def test_the_values_of_json_are_the_values() -> None:
    document = json.loads(PLAN_FORMATS["json"](report_of("##[error]"), OPTIONS))

    assert document["environment"] == "##[error]"


class Tags(HTMLParser):
    """Collect the tags and comments of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.depth = 0
        self.comments: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.depth += tag == "details"
        assert attrs in ([], [("open", None)], [("class", "language-diff")])

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"
        assert self.depth >= 0

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


OURS = {
    *("h3", "h4", "p", "strong", "ul", "li", "br", "i", "b", "blockquote"),
    *("details", "summary", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def test_markdown_has_the_markup_that_we_wrote_and_no_other(text: str) -> None:
    """Render it as GitHub does: CommonMark with tables, strikethrough and HTML."""
    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for page in written("markdown", text):
        found = Tags(renderer.render(page))
        assert found.tags <= OURS
        assert found.depth == 0
        assert found.comments == []
        assert "<!--" not in page
        assert not re.search(r"@\w", page)


def test_a_row_of_a_table_is_one_row() -> None:
    renderer = MarkdownIt("commonmark").enable("table")
    plain = renderer.render(PLAN_FORMATS["markdown"](report_of("x"), OPTIONS))
    odd = renderer.render(PLAN_FORMATS["markdown"](report_of("a|b`c"), OPTIONS))

    assert odd.count("<td>") == plain.count("<td>")


# Many flows.


@pytest.fixture(scope="module")
def five_hundred(tmp_path_factory: pytest.TempPathFactory) -> PlanReport:
    one = update(new_case(tmp_path_factory.mktemp("many") / "project"))
    report = many(one, 500)
    problems = [
        Finding("a/rule", severity, f"{severity} {number}", Location("f.json", number))
        for severity in Severity
        for number in range(1, 200)
    ]
    return replace(report, findings=tuple(problems))


@pytest.mark.parametrize("most", [1, 3])
def test_a_comment_is_never_too_long(five_hundred: PlanReport, most: int) -> None:
    pages = comment_pages(five_hundred, whole="the job's summary", most=most)

    assert len(pages) == most
    assert all(len(page) <= size(page) <= COMMENT_LIMIT < 65_536 for page in pages)
    assert all("500 to update" in page for page in pages)
    assert "The whole report: the job's summary" in pages[-1]


def test_what_is_shown_and_what_is_left_out_make_the_whole(
    five_hundred: PlanReport,
) -> None:
    page = "".join(comment_pages(five_hundred, whole="x", most=2))
    (left,) = re.findall(r"\*\*Left out here: (.*)\.\*\*", page)
    counts = {word: int(n) for n, word in re.findall(r"(\d+) ([a-z]+?)s?(?:,|$)", left)}

    assert page.count("<details") + counts["flow"] == 500
    assert page.count("- <code>f.json") + sum(counts.values()) - counts["flow"] == 597


def test_errors_come_first_and_the_rest_after_the_flows(
    five_hundred: PlanReport,
) -> None:
    page = plan_markdown(five_hundred, whole="x")
    order = ["#### Errors", "#### Flows", "#### Warnings", "#### For your information"]

    assert size(page) <= SUMMARY_LIMIT < 2**20
    places = [page.index(heading) for heading in order if heading in page]
    assert places == sorted(places)
    assert page.count("#### Flows") == 1


def test_a_flow_too_big_for_a_page_says_how_much_is_missing() -> None:
    report = report_of("y" * 150)
    change = report.changes[0]
    big = replace(change, blocks=(*change.blocks,) * 200)

    (page,) = comment_pages(replace(report, changes=(big,)), whole="x")

    assert size(page) <= COMMENT_LIMIT
    assert re.search(r"… and \d+ more differences in this flow", page)
    assert Tags(MarkdownIt("commonmark").render(page)).depth == 0


def test_a_page_too_small_for_the_sums_is_refused() -> None:
    with pytest.raises(ValueError, match="not enough"):
        comment_pages(report_of("x"), whole="x", limit=300)


def test_text_of_one_flow_is_bounded() -> None:
    report = report_of("x")
    change = report.changes[0]
    big = replace(change, blocks=(*change.blocks,) * 5_000)

    page = PLAN_FORMATS["text"](replace(report, changes=(big,)), OPTIONS)

    assert len(page.splitlines()) < 300
    assert "more lines; --format json has them all" in page


@pytest.mark.parametrize("form", ["sarif", "junit", "annotations"])
def test_reports_of_findings_are_bounded(form: str) -> None:
    one = Finding("a/rule", Severity.WARNING, "words", Location("f", 1))
    findings = tuple(replace(one, message=f"words {n}") for n in range(30_000))
    report = CheckReport((), (*findings, replace(one, severity=Severity.ERROR)))

    page = FINDING_FORMATS[form](report, OPTIONS)

    assert size(page) < 10_000_000
    assert '"level": "error"' in page or "failure" in page or "::error" in page
