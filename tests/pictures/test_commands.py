"""``show`` and ``arrange`` as a person runs them."""

from __future__ import annotations

import json
import sys
import webbrowser
from pathlib import Path

import pytest

from flowops.cli import picturing
from tests.golden.test_no_secret_escapes import MARKER, plant
from tests.support.golden import assert_golden
from tests.support.projects import (
    EXAMPLE,
    Result,
    SandboxProject,
    copy_example,
    run,
)
from tests.support.repositories import Repository, new_repository

EXPECTED = Path(__file__).parents[1] / "golden" / "pictures"
IVR = "flows/connect/main-ivr.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = copy_example(tmp_path / "project")
    new_repository(root)
    Repository(root).commit()
    return root


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def remember(uri: str) -> bool:
        found.append(uri)
        return True

    monkeypatch.setattr(webbrowser, "open", remember)
    return found


def show(project: Path, *words: str) -> Result:
    return run("show", *words, "--project", str(project))


def greet(project: Path, words: str) -> None:
    path = project / IVR
    flow = json.loads(path.read_text("utf-8"))
    for action in flow["Actions"]:
        if action["Identifier"] == "Say closed":
            action["Parameters"]["Text"] = words
    path.write_text(json.dumps(flow, indent=2) + "\n", "utf-8")


@pytest.mark.parametrize(
    "word", ["Main IVR", "connect/contact-flow/Main IVR", IVR, "Large orders"]
)
def test_a_flow_is_found_by_name_address_or_path(project: Path, word: str) -> None:
    result = show(project, word, "--format", "mermaid")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("flowchart LR\n  b0[")


def test_a_file_needs_no_project(tmp_path: Path) -> None:
    place = tmp_path / "alone.json"
    place.write_bytes((EXAMPLE / IVR).read_bytes())
    result = run("show", str(place), "--format", "svg", "--project", str(tmp_path))
    assert result.code == 0
    assert result.out.startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_the_example_as_mermaid(project: Path, pytestconfig: pytest.Config) -> None:
    greet(project, "We open at nine.")
    updating = bool(pytestconfig.getoption("--update-goldens"))
    result = show(project, "Main IVR", "--diff", "HEAD", "--format", "mermaid")
    assert_golden(result.out, EXPECTED / "example.mmd", updating)
    result = show(project, "Large orders", "--format", "mermaid")
    assert_golden(result.out, EXPECTED / "example-orders.mmd", updating)


def test_a_page_is_written_where_it_is_wanted(project: Path, opened: list[str]) -> None:
    place = project / "out" / "ivr.html"
    result = show(project, "Main IVR", "--out", str(place))
    assert (result.code, result.out) == (0, "")
    assert str(place) in result.err
    assert place.read_text("utf-8").count("<figure>") == 1
    assert opened == [], "nobody sits at a terminal here"


def test_a_page_goes_to_a_new_file_and_is_opened(
    project: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(picturing, "_is_watched", lambda: True)
    show(project, "Main IVR")
    (page,) = tmp_path.glob("flowops-*/Main-IVR.html")
    assert opened == [page.as_uri()]
    assert page.parent.stat().st_mode & 0o777 == 0o700
    show(project, "Main IVR", "--no-open")
    show(project, "Main IVR", "--format", "svg")
    assert opened == [page.as_uri()]


@pytest.mark.parametrize(
    ("terminal", "ci", "watched"),
    [(True, "", True), (True, "true", False), (False, "", False)],
)
def test_a_browser_is_opened_for_a_person_only(
    terminal: bool, ci: str, watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("CI", ci)
    assert picturing._is_watched() is watched


def test_without_a_browser_the_file_is_still_there(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    monkeypatch.setattr(picturing, "_is_watched", lambda: True)
    result = show(project, "Main IVR", "--out", str(project / "ivr.html"))
    assert result.code == 0
    assert "open the file yourself" in result.err


def test_what_differs_from_a_ref(project: Path) -> None:
    greet(project, "We open at nine.")
    place = project / "ivr.html"
    assert show(project, "Main IVR", "--diff", "HEAD", "--out", str(place)).code == 0
    page = place.read_text("utf-8")
    assert page.count("<figure>") == 2
    assert "changed:" in page
    assert "We open at nine." in page
    result = show(project, "Main IVR", "--diff", "HEAD", "--format", "svg")
    assert result.out.count("~ changed</text>") == 1


def test_nothing_differs(project: Path) -> None:
    result = show(project, "Main IVR", "--diff", "HEAD", "--format", "mermaid")
    assert "classDef" not in result.out


def test_a_flow_that_is_new_is_new_as_a_whole(project: Path) -> None:
    text = (project / IVR).read_text("utf-8").replace("Main IVR", "Front door")
    (project / "flows/connect/front-door.json").write_text(text, "utf-8")
    words = ("Front door", "--diff", "HEAD", "--format", "mermaid")
    result = show(project, *words)
    assert "was not there at HEAD" in result.err
    assert result.out.count(":::added") == result.out.count('["')


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("Main IVT",), 64, "no file and no flow is called 'Main IVT'"),
        (("Main IVR", "--diff", "nowhere"), 1, "there is no commit 'nowhere'"),
        (("Main IVR", "--diff", "--all"), 1, "there is no commit '--all'"),
        (("Main IVR", "--format", "png"), 64, "'png' is not one of"),
    ],
)
def test_what_cannot_be_shown(
    project: Path, words: tuple[str, ...], code: int, error: str
) -> None:
    result = show(project, *words)
    assert (result.code, result.out) == (code, "")
    assert error in result.err


def test_a_file_that_is_no_flow_is_refused(project: Path) -> None:
    result = show(project, str(project / "flowops.yaml"))
    assert result.code == 1
    assert "flowops.yaml:1" in result.err


def arrange(*words: str) -> Result:
    return run("arrange", *words)


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    place = tmp_path / "flow.json"
    place.write_bytes((EXAMPLE / IVR).read_bytes())
    place.chmod(0o640)
    return place


def test_arranging_only_tells_unless_it_is_told(
    flow: Path, pytestconfig: pytest.Config
) -> None:
    before = flow.read_bytes()
    result = arrange(str(flow))
    updating = bool(pytestconfig.getoption("--update-goldens"))
    text = result.transcript("arrange", "flow.json").replace(str(flow), "flow.json")
    assert_golden(text, EXPECTED / "arrange.txt", updating)
    assert flow.read_bytes() == before


def test_a_check_fails_until_the_flow_is_arranged(flow: Path) -> None:
    before = flow.read_bytes()
    assert arrange(str(flow), "--check").code == 1
    assert flow.read_bytes() == before
    assert arrange(str(flow), "--write").code == 0
    written = flow.read_bytes()
    assert written != before
    assert flow.stat().st_mode & 0o777 == 0o640
    result = arrange(str(flow), "--check")
    assert result.code == 0
    assert "arranged already" in result.out
    assert "Nothing moves." in result.err
    arrange(str(flow), "--write")
    assert flow.read_bytes() == written


def test_an_arranged_flow_goes_into_another_file(flow: Path, tmp_path: Path) -> None:
    before = flow.read_bytes()
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    result = arrange(str(flow), "--out", str(out), "--picture", str(page))
    assert result.code == 0
    assert flow.read_bytes() == before
    assert arrange(str(out), "--check").code == 0
    assert page.read_text("utf-8").count("<figure>") == 2


def test_the_numbers_as_json(flow: Path) -> None:
    (found,) = json.loads(arrange(str(flow), "--format", "json").out)["files"]
    assert found["file"] == str(flow)
    assert found["changes"] is True
    assert found["after"]["overlaps"] == 0
    assert set(found["before"]) == {"crossings", "backward_connections", "overlaps"}


def test_one_bad_file_and_none_is_written(flow: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}", "utf-8")
    before = flow.read_bytes()
    result = arrange(str(flow), str(bad), "--write")
    assert result.code == 1
    assert f"{bad}:1:1: error: this is no flow of Amazon Connect" in result.err
    assert flow.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("--out", "a.json", "--write"),
        ("--check", "--write"),
        ("--check", "--out", "a.json"),
        ("flows/b.json", "--out", "a.json"),
        ("flows/b.json", "--picture", "a.html"),
    ],
)
def test_flags_that_exclude_each_other(flow: Path, words: tuple[str, ...]) -> None:
    result = arrange(str(flow), *words)
    assert result.code == 64
    assert result.out == ""


def test_graphviz_is_asked_for_where_it_is_missing(
    flow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    result = arrange(str(flow), "--write")
    assert result.code == 64
    assert "pip install 'flowops-cli[graphviz]'" in result.err


def test_no_secret_is_in_any_picture(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repository(example.root)
    example.commit()
    plant(example, monkeypatch)
    paths = sorted((example.root / "flows").rglob("*.json"))
    assert len(paths) >= 4
    for path in paths:
        for words in (
            ["--format", "svg"],
            ["--format", "mermaid"],
            ["--out", str(example.root / "page.html")],
            ["--diff", "HEAD", "--out", str(example.root / "page.html")],
        ):
            result = show(example.root, str(path), *words)
            assert result.code == 0, result.err
            page = example.root / "page.html"
            shown = page.read_text("utf-8") if page.exists() else ""
            assert MARKER not in result.out + result.err + shown


def test_a_plan_as_one_page(example: SandboxProject) -> None:
    result = example.run("plan", "staging", "--format", "html")
    assert result.code == 0, result.err
    assert result.out.startswith("<!doctype html>")
    assert result.out.count("<figure>") == 2
    assert "will be created" in result.out
