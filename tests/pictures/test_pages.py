from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flowops.model import Finding, Graph, Severity
from flowops.report.html import flow_html, plan_html
from flowops.report.html.drawings import MOST_BLOCKS, Drawer
from flowops.report.html.tables import changes_html
from flowops.report.model import BlockReport, ChangeReport, FieldReport
from tests.support.golden import assert_golden
from tests.support.pictures import changed, hostile, numbered, small_after, small_before
from tests.support.report_cases import CASES, many, new_case, update

EXPECTED = Path(__file__).parents[1] / "golden" / "pictures"
VERSION = "1.2.3"


class Outline(HTMLParser):
    """Every tag with its attributes, and what style sheets and scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: dict[str, list[str]] = {"style": [], "script": []}
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.inline:
            self.open = tag
            self.inline[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.open = "" if tag == self.open else self.open

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inline[self.open][-1] += data


def policy_of(outline: Outline) -> str:
    return next(
        str(attributes["content"])
        for tag, attributes in outline.tags
        if tag == "meta" and "http-equiv" in attributes
    )


def hash_of(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def shown(name: str = "hostile") -> ChangeReport:
    return ChangeReport(name, f"{name}.json", "show", after=hostile())


def test_the_whole_page_of_a_flow(pytestconfig: pytest.Config) -> None:
    page = flow_html(changed(small_before(), small_after()), VERSION)
    updating = bool(pytestconfig.getoption("--update-goldens"))
    assert_golden(page, EXPECTED / "flow.html", updating)


def test_the_whole_page_of_a_plan(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    page = plan_html(update(new_case(tmp_path / "project")), VERSION)
    updating = bool(pytestconfig.getoption("--update-goldens"))
    assert_golden(page, EXPECTED / "plan.html", updating)


@pytest.mark.parametrize("name", CASES)
def test_every_plan_is_a_page_that_loads_nothing(name: str, tmp_path: Path) -> None:
    page = plan_html(CASES[name](new_case(tmp_path / "project")), VERSION)
    check_inert(page)
    assert "hunter2" not in page


def test_a_page_of_hostile_words_is_inert() -> None:
    check_inert(flow_html(shown(), VERSION))
    check_inert(flow_html(changed(Graph(), hostile()), VERSION))


def check_inert(page: str) -> None:
    """One style sheet and one script, known by hash; nothing else can act or load."""
    outline = Outline(page)
    (style,), (script,) = outline.inline["style"], outline.inline["script"]
    assert policy_of(outline) == (
        f"default-src 'none'; style-src 'sha256-{hash_of(style)}'; "
        f"script-src 'sha256-{hash_of(script)}'; base-uri 'none'; form-action 'none'"
    )
    for tag, attributes in outline.tags:
        assert tag not in ("img", "iframe", "link", "object", "base", "use", "a:href")
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "src", "srcdoc", "action", "xlink:href"), name
            assert name != "href" or value in ("#main", "#flows")
    assert not re.search(r"[\0\x1b\u202a-\u202e\u2066-\u2069]", page)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unresolved", "<strong>Cannot be promoted:</strong> 1 error."),
        ("update", "<strong>Ready to promote</strong>, once it is reviewed."),
        ("no-changes", "Nothing to do."),
        ("state-dropping", "<strong>State:</strong> 1 running job would lose state."),
    ],
)
def test_the_verdict(name: str, words: str, tmp_path: Path) -> None:
    assert words in plan_html(CASES[name](new_case(tmp_path / "project")), VERSION)


def test_what_is_new_is_shown_without_an_empty_column_for_what_was(
    tmp_path: Path,
) -> None:
    page = plan_html(CASES["create"](new_case(tmp_path / "project")), VERSION)
    assert '<dl class="values">' in page
    assert 'class="pairs"' not in page
    assert "absent" not in page


def test_sql_is_compared_line_by_line(tmp_path: Path) -> None:
    page = plan_html(CASES["sql"](new_case(tmp_path / "project")), VERSION)
    (lines,) = re.findall(r'<pre class="lines">(.*?)</pre>', page, re.DOTALL)
    kinds = re.findall(r'<span class="(added|removed)">([+-]) ', lines)
    assert sorted(set(kinds)) == [("added", "+"), ("removed", "-")]


def test_lines_of_a_value_stay_lines_and_are_inert() -> None:
    value = FieldReport("/SQL", None, "one <b>\n\x1b two\r\n" + 2_000 * "x")
    block = BlockReport("a", "T", "", "add", (value,))
    change = ChangeReport("flow", "f", "create", blocks=(block,))
    page = changes_html(change, change.blocks)
    assert "one &lt;b&gt;\n\\x1b two\\r\nxxx" in page
    assert "x… (2015 characters)</span>" in page
    told = FieldReport("/SQL", "a\n<i>", f"a\n<u>{300 * 'y'}")
    page = changes_html(replace(change, blocks=(), attributes=(told,)), ())
    assert '<span class="removed">- &lt;i&gt;</span>' in page
    assert f'<span class="added">+ &lt;u&gt;{300 * "y"}</span>' in page


@pytest.mark.parametrize(("notes", "opened"), [(10, 3), (11, 2)])
def test_the_worst_findings_come_first_and_many_lesser_ones_are_folded(
    notes: int, opened: int, tmp_path: Path
) -> None:
    severities = [Severity.INFO] * notes + [Severity.WARNING] + [Severity.ERROR] * 20
    findings = tuple(Finding("rule", found, "words") for found in severities)
    report = replace(update(new_case(tmp_path / "project")), findings=findings)
    page = plan_html(report, VERSION)
    told = re.findall(r"<summary>(\d+ \w+)</summary>", page)
    assert told == ["20 errors", "1 warning", f"{notes} notes"]
    assert page.count('<details class="findings" open>') == opened


def test_a_page_draws_only_as_much_as_it_can_carry() -> None:
    graph = numbered(20, [(n, n + 1) for n in range(19)], 240)
    drawer = Drawer(left=45)
    change = changed(graph, small_after())
    assert len(drawer.draw(change)) == 2
    assert drawer.draw(change) == ()
    assert len(drawer.draw(changed(small_before(), small_after()))) == 2
    assert MOST_BLOCKS > 1000


def test_the_flows_without_pictures_say_how_to_get_them(tmp_path: Path) -> None:
    report = update(new_case(tmp_path / "project"))
    page = plan_html(many(report, 400), VERSION)
    drawn = page.count("<figure>") // 2
    assert 200 < drawn < 400
    assert page.count("This page has no room for the pictures") == 400 - drawn
    assert page.count('<details class="flow"') == 400


def test_a_flow_that_is_shown_alone_has_one_picture_and_every_block() -> None:
    page = flow_html(
        ChangeReport(
            "connect/contact-flow/IVR", "ivr.json", "show", after=small_after()
        ),
        VERSION,
    )
    assert page.count("<figure>") == 1
    assert "<h2>Every block</h2>" in page
    for words in (
        "if Equals 1</code>: leads to Queue",
        "/Text</code>: Hello &amp; welcome",
    ):
        assert words in page
