"""Every reference that a person finds in a real flow is found, and no other.

The list was made by walking the raw JSON for ARNs, ids and known keys, without the
code under test, and read through by eye. It holds paths, kinds and names only.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowops.project import WorkingTree, read_flow

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "connect"
EXPECTED: dict[str, list[list[str]]] = json.loads(
    (Path(__file__).parent / "expected_references.json").read_text("utf-8")
)

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real flows is not on this machine"
)


def test_the_list_is_long_enough() -> None:
    assert sum(bool(rows) for rows in EXPECTED.values()) >= 60


def test_the_references_of_real_flows_are_those_a_person_finds() -> None:
    tree = WorkingTree(CORPUS)
    wrong = {
        name: (found, expected)
        for name, expected in EXPECTED.items()
        if (found := references(name, tree)) != sorted(expected)
    }
    assert wrong == {}


def references(name: str, tree: WorkingTree) -> list[list[str]]:
    flow = read_flow(name, tree)
    return sorted(
        ["/".join(str(step) for step in r.path), r.kind, r.name]
        for r in flow.references
    )


def test_every_reference_has_its_own_place() -> None:
    tree = WorkingTree(CORPUS)
    for name in EXPECTED:
        flow = read_flow(name, tree)
        lines = flow.source.text.open().splitlines()
        for reference in flow.references:
            place = reference.location
            rest = lines[place.line - 1][place.column - 1 :]
            assert rest.startswith(('"', "{", "null")), (name, reference)
