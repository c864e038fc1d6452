from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowops.errors import InputError
from flowops.git import tree_at
from tests.support.repositories import new_repository

pieces = st.sampled_from(
    [
        "main",
        "HEAD",
        "@",
        "{",
        "}",
        "^",
        "~",
        "~9",
        ":",
        "/",
        "..",
        "-",
        "--output=x",
        "1",
        "0" * 40,
        "flows",
        "tree",
        " ",
        "\n",
        "\0",
        "*",
        "\\",
        "ü",
        "\udcff",
    ]
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    return new_repository(root, {"flows/a.json": "{}"}).root


@settings(max_examples=60)
@given(ref=st.one_of(st.lists(pieces, max_size=4).map("".join), st.text(max_size=8)))
def test_any_ref_is_a_commit_or_refused(root: Path, ref: str) -> None:
    try:
        paths = tree_at(root, ref).paths()
    except InputError as error:
        paths = [error.message]

    assert list(paths) in (["flows/a.json"], [f"there is no commit {ref!r}"])
    assert sorted(path.name for path in root.iterdir()) == [".git", "flows"]
