from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from flowops.model import Graph
from flowops.pictures.marks import UNMARKED, Compared, Marks, both, compare
from flowops.pictures.picture import draw
from flowops.pictures.svg import picture_svg
from flowops.pictures.words import clean, fit, width
from tests.support.golden import assert_golden
from tests.support.pictures import HOSTILE, hostile, numbered, small_after, small_before

EXPECTED = Path(__file__).parents[1] / "golden" / "pictures"
_SVG = "{http://www.w3.org/2000/svg}"


def svg(graph: Graph, marks: Marks = UNMARKED, *, alone: bool = True) -> str:
    return picture_svg(draw(graph, marks), "A flow", alone=alone)


def difference() -> Compared:
    return compare(small_before(), small_after())


@pytest.mark.parametrize("name", ["before", "after", "both", "layered", "hostile"])
def test_the_whole_picture(name: str, pytestconfig: pytest.Config) -> None:
    found = difference()
    layered = numbered(7, [(0, 1), (0, 2), (1, 3), (2, 3), (3, 0), (3, 4), (5, 5)])
    text = {
        "before": lambda: svg(small_before(), found.marks),
        "after": lambda: svg(small_after(), found.marks),
        "both": lambda: svg(both(found.before, found.after), found.marks),
        "layered": lambda: svg(layered),
        "hostile": lambda: svg(hostile()),
    }[name]()
    updating = bool(pytestconfig.getoption("--update-goldens"))
    assert_golden(text, EXPECTED / f"{name}.svg", updating)


@pytest.mark.parametrize("alone", [True, False])
def test_hostile_words_are_text_and_nothing_else(alone: bool) -> None:
    text = svg(hostile(), alone=alone)
    root = ET.fromstring(text)  # strict: one bad character and it raises
    tags = {element.tag.removeprefix(_SVG) for element in root.iter()}
    assert tags <= {"svg", "style", "g", "rect", "path", "text", "title"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    assert "\u202e" not in text
    assert "\0" not in text
    assert len(text) < 60_000


def test_a_change_is_told_by_sign_and_word() -> None:
    found = difference()
    text = svg(both(found.before, found.after), found.marks)
    for words in ("+ added", "~ changed", "- if Equals 1", "+ if Equals 1"):
        assert words in text
    gone = svg(small_after(), compare(small_after(), small_before()).marks)
    assert "- removed" in gone


def test_in_a_page_each_block_is_a_button_that_says_where_it_leads() -> None:
    root = ET.fromstring(svg(small_before(), difference().marks, alone=False))
    buttons = [e for e in root.iter("g") if e.get("role") == "button"]
    assert [b.findtext("title") for b in buttons] == [
        (
            "Welcome, MessageParticipant, start of the flow, changed, "
            "next leads to Ask, error NoMatchingError leads to Bye"
        ),
        (
            "Ask, GetParticipantInput, - if Equals 1 leads to Welcome (removed), "
            "next, error NoMatchingError leads to Bye"
        ),
        "Bye, End",
    ]
    assert {b.get("tabindex") for b in buttons} == {"-1"}
    assert root.get("aria-label") == "A flow"
    assert not list(root.iter("style")), "the page has the style; its policy wants that"


@pytest.mark.parametrize("label", HOSTILE)
def test_words_fit_and_stay_on_one_line(label: str) -> None:
    assert width(fit(label, 20)) <= 20
    assert clean(label).isprintable()


def test_wide_characters_take_two_columns() -> None:
    assert width("\u4f60\u597d") == 4
    assert width("e\u0301") == 1
    assert fit("\u4f60\u597d\u4f60\u597d", 5) == "\u4f60\u597d…"
