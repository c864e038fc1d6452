from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.model import Block, Edge, Graph
from flowops.pictures.mermaid import (
    MAXIMUM_EDGES,
    MAXIMUM_TEXT,
    Diagram,
    graph_mermaid,
    mermaid,
)
from flowops.report.diagrams import diagram
from tests.support.golden import assert_golden
from tests.support.pictures import (
    changed,
    graph,
    hostile,
    numbered,
    small_after,
    small_before,
)

EXPECTED = Path(__file__).parents[1] / "golden" / "pictures"
_TEXT = r"(?:[^\W_]|[ ,:]|#\d+;|<br/>)*"
_LINE = re.compile(
    rf'flowchart LR|  b\d+\["{_TEXT}"\](:::(added|removed|changed))?'
    rf'|  b\d+ (-->|==>|-\.->)(\|"{_TEXT}"\|)? b\d+'
    r"|  classDef (added|removed|changed) [\w:#,-]+"
)


def edges_of(drawn: Diagram) -> int:
    return len(re.findall(r"^  b\d+ [-=]", drawn.text, re.MULTILINE))


@pytest.mark.parametrize("name", ["difference", "new", "hostile"])
def test_the_whole_diagram(name: str, pytestconfig: pytest.Config) -> None:
    drawn = {
        "difference": mermaid(small_before(), small_after()),
        "new": mermaid(None, small_after()),
        "hostile": graph_mermaid(hostile()),
    }[name]
    updating = bool(pytestconfig.getoption("--update-goldens"))
    assert_golden(drawn.text, EXPECTED / f"{name}.mmd", updating)
    assert drawn.note == ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_label_means_anything(label: str, branch: str) -> None:
    blocks = (Block("a", label, label), Block("b", label))
    found = Graph({"StartAction": "a"}, blocks, (Edge("a", branch, "b"),))
    for line in graph_mermaid(found).text.splitlines():
        assert _LINE.fullmatch(line), line


def test_a_diagram_that_is_too_large_is_cut_to_the_changes() -> None:
    links = [(n, (n + 1) % 400) for n in range(400)] + [(n, 0) for n in range(1, 400)]
    before = numbered(400, links)
    blocks = {block.id: block.type for block in before.blocks}
    edges = [(e.source, e.branch, e.target) for e in before.edges]
    after = graph(blocks, edges, b200="new words", b203="more words")
    drawn = mermaid(before, after)
    assert len(drawn.text.encode()) < MAXIMUM_TEXT
    assert 400 < edges_of(drawn) <= MAXIMUM_EDGES
    assert drawn.text.count(":::changed") == 2
    found = re.fullmatch(
        r"Only the changes and what is next to them: (\d+) of 400 blocks are drawn\.",
        drawn.note,
    )
    assert found
    assert int(found[1]) == drawn.text.count('["')
    for number in (199, 200, 201, 202, 203, 204):
        assert f'["b{number}<br/>' in drawn.text or f"~ changed<br/>b{number}" in (
            drawn.text.replace("#126;", "~")
        )


def test_long_labels_are_cut_by_the_size_of_the_text() -> None:
    label = "<&>" * 200
    blocks = tuple(Block(f"{label}{n}", label, f"{label}{n}") for n in range(450))
    drawn = graph_mermaid(Graph({"StartAction": blocks[0].id}, blocks, ()))
    assert MAXIMUM_TEXT - 1_000 < len(drawn.text.encode()) <= MAXIMUM_TEXT
    assert drawn.note.startswith("Only the beginning: ")


def test_as_many_edges_as_are_allowed_are_drawn() -> None:
    links = [(n, m) for n in range(23) for m in range(22)][:MAXIMUM_EDGES]
    drawn = graph_mermaid(numbered(23, links))
    assert (edges_of(drawn), drawn.note) == (MAXIMUM_EDGES, "")
    links.append((22, 22))
    assert graph_mermaid(numbered(23, links)).note


def test_a_diagram_in_markdown_is_fenced_and_fits() -> None:
    change = changed(small_before(), small_after())
    text = diagram(change)
    assert text == f"\n```mermaid\n{mermaid(small_before(), small_after()).text}```\n"
    assert diagram(replace(change, before=None, after=None)) == ""
    cut = diagram(change, most=450)
    assert len(cut) < 600
    assert "\n```\n\nOnly the changes and what is next to them: 3 of 4 blocks" in cut
    assert diagram(changed(Graph(), hostile())).count("```") == 2


def test_a_flow_without_blocks_is_a_diagram() -> None:
    assert graph_mermaid(Graph()).text == "flowchart LR\n"
