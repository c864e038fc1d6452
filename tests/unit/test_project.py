from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from flowops.documents.files import write_whole
from flowops.errors import FlowOpsError, InputError
from flowops.git import tree_at
from flowops.model import Location, Severity
from flowops.project import (
    FILE_NAME,
    Project,
    WorkingTree,
    as_finding,
    find_root,
    flow_paths,
    glob_expression,
    open_project,
    read_flow,
    read_flows,
)
from tests.support.repositories import new_repository

CONTENT = {
    "Version": "2019-10-30",
    "StartAction": "a",
    "Metadata": {"name": "Main"},
    "Actions": [
        {
            "Identifier": "a",
            "Type": "DisconnectParticipant",
            "Parameters": {},
            "Transitions": {},
        }
    ],
}


def contact_flow(name: str) -> bytes:
    return json.dumps({**CONTENT, "Metadata": {"name": name}}).encode()


def project_with(
    root: Path, files: Iterable[str] = (), flows: str = "flows/**/*.json"
) -> Project:
    """Make a project whose files hold flows named by their paths."""
    for path in files:
        write_whole(root / path, contact_flow(path))
    text = f"version: 1\nflows: [{{path: '{flows}'}}]\n"
    write_whole(root / FILE_NAME, text.encode())
    return open_project(root)


def refusal_of(root: Path, text: str) -> str:
    write_whole(root / FILE_NAME, text.encode())
    with pytest.raises(InputError) as refusal:
        open_project(root)
    return str(refusal.value)


def test_the_nearest_project_upward_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "outer/inner"
    (inner / "a/b").mkdir(parents=True)
    (tmp_path / "outer" / FILE_NAME).touch()
    (inner / FILE_NAME).touch()

    assert find_root(inner / "a/b") == inner
    assert find_root(inner) == inner
    assert find_root(tmp_path / "outer") == tmp_path / "outer"


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_the_search_ends_at_the_root_of_the_repository(
    tmp_path: Path, kind: str
) -> None:
    (tmp_path / FILE_NAME).touch()
    repository = tmp_path / "repository"
    (repository / "a").mkdir(parents=True)
    if kind == "folder":
        (repository / ".git").mkdir()
    else:  # a worktree or a submodule
        (repository / ".git").write_text("gitdir: elsewhere")

    for start in (repository, repository / "a"):
        with pytest.raises(InputError) as refusal:
            find_root(start)
        assert str(refusal.value) == (
            f"there is no flowops.yaml in {start.name} or above it "
            "(run in a project's folder, or name it with --project; "
            "`flowops init` makes one from exports)"
        )

    (repository / FILE_NAME).touch()
    assert find_root(repository / "a") == repository


def test_a_folder_of_that_name_is_no_project(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    (tmp_path / ".git").mkdir()

    with pytest.raises(InputError, match=r"there is no flowops\.yaml"):
        find_root(tmp_path)


def test_a_working_folder_that_was_deleted_is_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(InputError, match="there is no folder"):
        find_root(Path())


@pytest.mark.parametrize("name", ["x" * 5000, "circle"])
def test_a_place_where_no_folder_can_be_is_no_project(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")

    with pytest.raises(InputError, match="there is no folder"):
        find_root(tmp_path / name)


def test_a_folder_of_environments_that_cannot_be_holds_none(tmp_path: Path) -> None:
    assert WorkingTree(tmp_path).paths("x" * 5000) == []


def test_a_folder_that_is_not_there_is_not_searched_upward(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()

    with pytest.raises(InputError, match=r"there is no folder .*typo"):
        find_root(tmp_path / "typo")


def test_settings_are_read(tmp_path: Path) -> None:
    text = "version: 1\nflows: [{path: ./a//*.json}, {path: b}]\nenvironments: e/f/\n"
    write_whole(tmp_path / FILE_NAME, text.encode())

    project = open_project(tmp_path)

    assert project.patterns == ("a/*.json", "b")
    assert project.environments == "e/f"
    assert project_with(tmp_path).environments == "environments"


def test_a_project_without_its_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no flowops\.yaml"):
        open_project(tmp_path)


FLOWS = "flows: [{path: a}]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1:1: flowops.yaml must say `version: 1`"),
        (FLOWS, "1:1: flowops.yaml must say `version: 1`"),
        (f"version: 2\n{FLOWS}", "1:10: flowops.yaml must say `version: 1`"),
        (f"version: 1.0\n{FLOWS}", "1:10: flowops.yaml must say `version: 1`"),
        (f"version: [1]\n{FLOWS}", "1:10: version must be a text"),
        (f"version:\n{FLOWS}", "version must be a text"),
        (f"version: 1\nflow: x\n{FLOWS}", "2:1: flowops.yaml has no key 'flow' (keys"),
        ("version: 1", "1:1: `flows` must list where flows lie"),
        ("version: 1\nflows:", "2:7: `flows` must list where flows lie"),
        ("version: 1\nflows: []", "2:8: `flows` must list where flows lie"),
        ("version: 1\nflows: a", "2:8: `flows` must list where flows lie"),
        ("version: 1\nflows: {path: a}", "2:8: `flows` must list where flows lie"),
        ("version: 1\nflows: [a]", "2:9: an entry of `flows` must be a mapping"),
        ("version: 1\nflows: [{}]", "2:9: an entry of `flows` has one key, path"),
        (
            "version: 1\nflows: [{path: a, x: b}]",
            "2:9: an entry of `flows` has one key",
        ),
        ("version: 1\nflows: [{paths: a}]", "an entry of `flows` has one key, path"),
        ("version: 1\nflows: [{path: }]", "2:16: path must be a text"),
        ("version: 1\nflows: [{path: [a]}]", "2:16: path must be a text"),
        ("[version]", "1:1: flowops.yaml must be a mapping"),
        ("version: 1\nversion: 1", "2:1: the key 'version' stands twice"),
        ("version: [", "this is not YAML"),
    ],
)
def test_what_a_project_may_not_say(tmp_path: Path, text: str, words: str) -> None:
    refusal = refusal_of(tmp_path, text)

    assert refusal.startswith("flowops.yaml:")
    assert words in refusal


@pytest.mark.parametrize(
    "path",
    [
        "/flows/*.json",
        "../flows/*.json",
        "flows/../../other/*.json",
        "flows/..",
        "flows\\*.json",
        "",
        ".",
        "./",
        "a\\0b/*.json",
    ],
)
@pytest.mark.parametrize("key", ["path", "environments"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str, key: str) -> None:
    typed = json.dumps(path).replace("\\\\0", "\\0")
    text = f"version: 1\nflows: [{{path: {typed if key == 'path' else 'a'}}}]\n"
    text += f"environments: {typed}\n" if key == "environments" else ""

    place = "2:16" if key == "path" else "3:15"
    assert refusal_of(tmp_path, text) == (
        f"flowops.yaml:{place}: {key} must lie inside the project "
        "(write it from the project's folder, with forward slashes)"
    )


FILES = (
    "a.json",
    "b.txt",
    "flows/a.json",
    "flows/b.JSON",
    "flows/no-ending",
    "flows/one/a.json",
    "flows/one/two/a.json",
    "flows/one/two/b[1].json",
    "other/flows/a.json",
)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("flows/**/*.json", [2, 5, 6, 7]),
        ("**/*.json", [0, 2, 5, 6, 7, 8]),
        ("**/a.json", [0, 2, 5, 6, 8]),
        ("**/flows/*.json", [2, 8]),
        ("flows/**", [2, 3, 4, 5, 6, 7]),
        ("flows/*", [2, 3, 4]),
        ("flows/*.json", [2]),
        ("*.json", [0]),
        ("*", [0, 1]),
        ("**", [*range(len(FILES))]),
        ("flows/**/two/*.json", [6, 7]),
        ("flows/one/**/a.json", [5, 6]),
        ("flows/*/a.json", [5]),
        ("flows/*/*/?.json", [6]),
        ("flows/no-ending", [4]),
        ("flows/one/two/b[1].json", [7]),
        ("flows/?.json", [2]),
        ("flows", []),
        ("flows/", []),
        ("flows/A.json", []),
        ("flows/*.jso", []),
        ("lows/*.json", []),
    ],
)
def test_patterns_find_files(tmp_path: Path, pattern: str, found: list[int]) -> None:
    project = project_with(tmp_path, FILES, pattern)
    (tmp_path / FILE_NAME).rename(tmp_path / ".kept")

    assert list(flow_paths(project)) == [FILES[number] for number in found]


def test_a_file_that_two_patterns_match_is_found_once(tmp_path: Path) -> None:
    project_with(tmp_path, FILES)
    text = "version: 1\nflows: [{path: other/**}, {path: '**/a.json'}, {path: a.json}]"
    write_whole(tmp_path / FILE_NAME, text.encode())

    assert list(flow_paths(open_project(tmp_path))) == [
        "a.json",
        "flows/a.json",
        "flows/one/a.json",
        "flows/one/two/a.json",
        "other/flows/a.json",
    ]


HIDDEN = (
    ".git/a.json",
    ".hidden/a.json",
    "flows/.draft.json",
    "flows/.old/a.json",
    "flows/a.json",
    "flows/__pycache__/a.json",
    "node_modules/x/flows/a.json",
)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/*.json", ["flows/a.json"]),
        ("flows/**", ["flows/a.json"]),
        ("*/a.json", ["flows/a.json"]),
        (".hidden/*.json", [".hidden/a.json"]),
        ("flows/.old/**", ["flows/.old/a.json"]),
        ("flows/.draft.json", ["flows/.draft.json"]),
        ("flows/.*.json", []),
        ("node_modules/x/**/*.json", ["node_modules/x/flows/a.json"]),
    ],
)
def test_what_is_hidden_has_to_be_named(
    tmp_path: Path, pattern: str, found: list[str]
) -> None:
    assert list(flow_paths(project_with(tmp_path, HIDDEN, pattern))) == found


@pytest.mark.parametrize("pattern", ["**/*.json", "flows/**", ".hidden/*", "**/.o*/*"])
def test_a_commit_holds_the_same_flows_as_the_folder(
    tmp_path: Path, pattern: str
) -> None:
    project = project_with(tmp_path, HIDDEN[1:], pattern)
    new_repository(tmp_path, {})

    earlier = open_project(tmp_path, tree_at(tmp_path, "main"))

    assert list(flow_paths(earlier)) == list(flow_paths(project))


def test_folders_that_no_pattern_names_are_not_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_with(tmp_path, ["flows/a.json", "huge/b.json", "environments/c"])
    walked: list[str] = []
    scandir = os.scandir

    def watched(path: str) -> object:
        walked.append(Path(path).relative_to(tmp_path).as_posix())
        return scandir(path)

    monkeypatch.setattr(os, "scandir", watched)
    list(flow_paths(project))
    project.environment_names()

    assert walked == ["flows", "environments"]


def test_environments_are_the_yaml_files_of_their_folder(tmp_path: Path) -> None:
    names = (
        "environments/b.yaml",
        "environments/a.yaml",
        "environments/a.inventory.json",
        "environments/c.yml",
        "environments/sandbox/d.yaml",
        "environments/.e.yaml",
        "environments/.#a.yaml",
        "environments/with space.yaml",
        "other/environments/f.yaml",
        "environments-old/g.yaml",
    )

    project = project_with(tmp_path, names)

    assert project.environment_names() == ("a", "b", "with space")


@pytest.mark.parametrize("folder", ["environments", "e+(x)", "deep/er"])
def test_the_folder_of_environments_is_a_name_and_no_pattern(
    tmp_path: Path, folder: str
) -> None:
    project_with(tmp_path, [f"{folder}/a.yaml"])
    text = f"version: 1\n{FLOWS}environments: {folder}"
    write_whole(tmp_path / FILE_NAME, text.encode())

    assert open_project(tmp_path).environment_names() == ("a",)


def test_a_link_inside_the_project_is_read(tmp_path: Path) -> None:
    write_whole(tmp_path / "shared/a", b"{}")
    (tmp_path / "a").symlink_to("shared/a")
    (tmp_path / "folder").symlink_to("shared")

    assert WorkingTree(tmp_path).read("a") == b"{}"
    assert WorkingTree(tmp_path).read("folder/a") == b"{}"


@pytest.mark.parametrize(
    "path", ["link", "folder/secret", "to-link", "flows/up/secret"]
)
def test_a_link_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "project"
    (root / "flows").mkdir(parents=True)
    (tmp_path / "secret").write_text("hunter2")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    (root / "to-link").symlink_to("link")
    (root / "flows/up").symlink_to("../..")

    with pytest.raises(InputError) as refusal:
        WorkingTree(root).read(path)

    assert str(refusal.value).startswith(f"{path}:1:1: {path} lies outside the project")


@pytest.mark.parametrize("path", ["../project/a", "/etc/passwd", "flows/../a", "../x"])
def test_a_path_that_climbs_is_refused_whatever_is_there(
    tmp_path: Path, path: str
) -> None:
    root = tmp_path / "project"
    write_whole(root / "a", b"")

    with pytest.raises(InputError, match="lies outside the project"):
        WorkingTree(root).read(path)


@pytest.mark.parametrize("path", ["nothing", "a/nothing", "nothing/at/all", "dangling"])
def test_a_missing_file_is_nothing(tmp_path: Path, path: str) -> None:
    write_whole(tmp_path / "a", b"")
    (tmp_path / "dangling").symlink_to("nowhere")

    assert WorkingTree(tmp_path).read(path) is None


@pytest.mark.parametrize("path", ["circle", "a\0b", "x" * 300, "folder", "circle/a"])
def test_a_path_that_cannot_be_read_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to("circle")

    with pytest.raises(InputError, match=r"cannot read the file|not a file"):
        WorkingTree(tmp_path).read(path)


def test_a_project_under_a_link_is_a_project(tmp_path: Path) -> None:
    project_with(tmp_path / "real", ["flows/a.json"])
    (tmp_path / "link").symlink_to("real")

    project = open_project(tmp_path / "link")

    assert list(flow_paths(project)) == ["flows/a.json"]
    assert read_flows(project).findings == ()
    assert find_root(tmp_path / "link") == tmp_path / "real"


@pytest.mark.parametrize("target", ["..", "shared", "flows"])
def test_a_link_to_a_folder_is_not_followed(tmp_path: Path, target: str) -> None:
    root = tmp_path / "project"
    project = project_with(root, ["shared/a.json"])
    (root / "flows").symlink_to(target)

    assert list(flow_paths(project)) == []
    assert list(WorkingTree(root).paths("flows")) == []
    assert list(WorkingTree(root).paths("flows/below")) == []


def test_a_flow_that_is_a_link_out_is_a_finding(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_whole(tmp_path / "outside.json", contact_flow("Outside"))
    project = project_with(root, ["flows/a.json"])
    (root / "flows/b.json").symlink_to(tmp_path / "outside.json")

    read = read_flows(project)

    assert [flow.address.name for flow in read.flows] == ["flows/a.json"]
    (finding,) = read.findings
    assert (finding.rule, str(finding.location)) == (
        "flow/unreadable",
        "flows/b.json:1:1",
    )
    assert "lies outside the project" in finding.message


BROKEN = {
    "empty.json": b"",
    "cut.json": b'{"Version": "2019-10-30", "Act',
    "latin.json": '{"a": "ü"}'.encode("latin-1"),
    "utf16.json": "{}".encode("utf-16"),
    "neither.json": b'{"openapi": "3.1.0"}',
    "list.json": b"[1]",
    "text.json": b'"x"',
    "null.json": b"null",
    "deep.json": b"[" * 100_000,
    "twice.json": b'{"a": 1, "a": 1}',
    "binary.json": b"\x89PNG\r\n\x1a\n\x00",
}


def test_what_cannot_be_read_is_a_finding_and_the_others_go_on(tmp_path: Path) -> None:
    project = project_with(tmp_path, ["flows/a.json", "flows/z.json"])
    for name, data in BROKEN.items():
        write_whole(tmp_path / "flows" / name, data)

    read = read_flows(project)

    assert [flow.address.name for flow in read.flows] == [
        "flows/a.json",
        "flows/z.json",
    ]
    assert {f.location.path for f in read.findings if f.location} == {
        f"flows/{name}" for name in BROKEN
    }
    assert {(f.rule, f.severity) for f in read.findings} == {
        ("flow/unreadable", Severity.ERROR)
    }


def test_a_file_of_no_system_is_named_as_such(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    write_whole(tmp_path / "flows/a.json", b'{"openapi": "3.1.0"}')

    (finding,) = read_flows(project).findings

    assert "neither an Event Processing nor an Amazon Connect flow" in finding.message
    assert "take it out of `flows`" in finding.hint


def test_a_file_name_that_is_not_utf_8_is_a_finding(tmp_path: Path) -> None:
    project = project_with(tmp_path, ["flows/a.json"])
    name = os.fsdecode(b"flows/caf\xe9.json")
    try:
        (tmp_path / name).write_bytes(contact_flow("Café"))
    except OSError:
        pytest.skip("this file system only takes names in UTF-8")

    read = read_flows(project)

    assert [flow.address.name for flow in read.flows] == ["flows/a.json"]
    (finding,) = read.findings
    assert finding.message == "the name of the file is not UTF-8"
    assert str(finding.location) == "flows/caf\\udce9.json:1:1"


def test_two_files_with_one_address_are_a_finding(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    for path in ("flows/b.json", "flows/a.json", "flows/c/d.json"):
        write_whole(tmp_path / path, contact_flow("Main"))

    read = read_flows(project)

    (flow,) = read.flows
    assert flow.source.path == "flows/a.json"
    assert [(f.rule, f.message, str(f.location)) for f in read.findings] == [
        (
            "flow/twice",
            "connect/contact-flow/Main is also in flows/a.json",
            place,
        )
        for place in ("flows/b.json:1:1", "flows/c/d.json:1:1")
    ]


def test_flows_come_in_the_order_of_their_addresses(tmp_path: Path) -> None:
    project = project_with(tmp_path)
    names = ["zebra", "Apple", "apple", "Äpfel", "10", "9"]
    for number, name in enumerate(names):
        write_whole(tmp_path / f"flows/{number}.json", contact_flow(name))

    found = [flow.address.name for flow in read_flows(project).flows]

    assert found == sorted(names)
    shutil.copytree(tmp_path, tmp_path / "copy")
    again = read_flows(open_project(tmp_path / "copy"))
    assert [flow.address.name for flow in again.flows] == found


def test_a_flow_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file") as refusal:
        read_flow("flows/a.json", WorkingTree(tmp_path))

    assert refusal.value.location == Location("flows/a.json")


def test_an_error_becomes_a_finding() -> None:
    error = FlowOpsError("wrong", hint="mend it", location=Location("a", 2))

    finding = as_finding(error, "some/rule")

    assert (finding.rule, finding.severity) == ("some/rule", Severity.ERROR)
    assert (finding.message, finding.hint, finding.location) == (
        "wrong",
        "mend it",
        Location("a", 2),
    )


def test_signs_of_other_pattern_languages_are_letters() -> None:
    assert glob_expression("a.b+(c)[d]{e}|^$").fullmatch("a.b+(c)[d]{e}|^$")
    assert not glob_expression("a.b").fullmatch("axb")
    assert not glob_expression("a").fullmatch("a\n")


def test_a_pattern_that_finds_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "flowops.yaml").write_text(
        'version: 1\nflows: [{path: "flow/**/*.json"}]\n', "utf-8"
    )
    (finding,) = read_flows(open_project(tmp_path)).findings
    assert (finding.rule, finding.severity) == ("project/no-files", "warning")
    assert "'flow/**/*.json'" in finding.message
