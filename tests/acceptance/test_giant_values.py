"""A value of a megabyte is not echoed whole, and it is still said what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.projects import copy_example, run

GIANT = "x" * 1_000_000
LONGEST = 3_500  # characters of a line: a place, and a sentence
FLOW = "flows/connect/main-ivr.json"
PRODUCTION = "environments/production.yaml"


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize(
    ("file", "text", "end"),
    [
        ("flowops.yaml", f"version: 1\n? {GIANT}\n: 1\n", "xxx'"),
        (PRODUCTION, f"? {GIANT}\n: 1\n", "xxx'"),
        (PRODUCTION, f"? {GIANT}\n: 1\n? {GIANT}\n: 2\n", "xxx' stands twice"),
        (PRODUCTION, f"extends: {GIANT}\n", "xxx'"),
        (PRODUCTION, f"a: !{GIANT} b\n", "xxx is not allowed"),
        (
            PRODUCTION,
            f"targets: {{connect: {{kind: amazon-connect, instance: {GIANT}}}}}\n",
            "xxx' is not the ARN of an instance",
        ),
        (PRODUCTION, f"targets: {{connect: {{kind: {GIANT}}}}}\n", "xxx'"),
    ],
    ids=["project", "key", "twice", "parent", "tag", "instance", "kind"],
)
def test_what_is_wrong_with_a_giant_is_said(
    tmp_path: Path, command: str, file: str, text: str, end: str
) -> None:
    root = copy_example(tmp_path / "project")
    (root / file).write_text(text, "utf-8")
    words = (command,) if command == "check" else (command, "production")
    result = run(*words, "--project", str(root))
    said = (result.err + result.out).splitlines()
    assert result.code == 1
    assert max(map(len, said)) < LONGEST
    assert any(f"{file}:" in line and " characters) …" in line for line in said)
    assert any(end in line for line in said)


@pytest.mark.parametrize("words", [("explain",), ("plan", "production"), ("show",)])
def test_a_giant_name_of_nothing_is_not_echoed(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    root = copy_example(tmp_path / "project")
    result = run(*words, GIANT, "--project", str(root))
    assert result.code == 64
    assert "(1000" in result.err
    assert max(map(len, result.err.splitlines())) < LONGEST


def test_a_giant_key_of_a_flow_is_not_echoed(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    (root / FLOW).write_text(f'{{"{GIANT}": 1, "{GIANT}": 2}}', "utf-8")
    result = run("check", "--project", str(root))
    assert "xxx' stands twice in one object" in result.out
    assert max(map(len, result.out.splitlines())) < LONGEST
