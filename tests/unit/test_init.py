"""A project made from exports is green at once, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowops.documents.files import write_whole
from flowops.documents.source import source_text
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.errors import InputError, TargetError
from flowops.model import Location
from flowops.overlays.templates import fill
from flowops.scaffold import files
from flowops.scaffold.entries import SecretNames, as_template
from flowops.scaffold.exports import MAXIMUM_BYTES, find_exports
from flowops.scaffold.files import plan_project, write_project
from flowops.scaffold.patterns import choose_patterns
from flowops.scaffold.yaml_lines import comment_out, entry_lines
from tests.support.contact_flows import action, arn, contact_flow
from tests.support.golden import assert_golden
from tests.support.projects import EXAMPLE, Result, run

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden" / "init"
CORPUS = TESTS.parents[1] / "shared" / "corpus"
WRITTEN = ("flowops.yaml", "environments/base.yaml", "environments/production.yaml")
STREAM = TESTS / "golden" / "event_processing" / "version-3" / "export.json"
LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function"
BOT = "arn:aws:lex:eu-west-1:111122223333:bot-alias/AAAAAAAAAA/BBBBBBBBBB"


def every_reference() -> dict[str, Any]:
    """Return a flow with each way to refer to something."""
    steps: Sequence[tuple[str, str, Mapping[str, Any]]] = [
        ("named", "UpdateContactTargetQueue", {"QueueId": arn("queue")}),
        ("nameless", "TransferToFlow", {"ContactFlowId": arn("contact-flow")}),
        ("dynamic", "UpdateContactTargetQueue", {"QueueId": "$.Attributes.queue"}),
        ("unfilled", "MessageParticipant", {"PromptId": "{{ prompt }}"}),
        ("empty", "MessageParticipant", {"PromptId": ""}),
        ("code", "InvokeLambdaFunction", {"LambdaFunctionARN": f"{LAMBDA}:look-up"}),
        ("alias", "InvokeLambdaFunction", {"LambdaFunctionARN": f"{LAMBDA}:pay:live"}),
        ("bot", "ConnectParticipantWithLexBot", {"LexV2Bot": {"AliasArn": BOT}}),
        (
            "number",
            "TransferParticipantToThirdParty",
            {"CallerId": {"Number": "+4930123"}},
        ),
    ]
    actions = [
        action(name, kind, parameters, following)
        for (name, kind, parameters), following in zip(
            steps, [*(step[0] for step in steps[1:]), "end"], strict=True
        )
    ]
    actions.append(action("end", "DisconnectParticipant"))
    shown = {
        "named": {"parameters": {"QueueId": {"displayName": 'Sales: "A" #1'}}},
        "alias": {"parameters": {"LambdaFunctionARN": {"displayName": "pay"}}},
    }
    return contact_flow(actions, shown, name="Every reference: #1", type="")


def write(root: Path, name: str, value: object) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str) else json.dumps(value, indent=1)
    path.write_text(text, "utf-8")
    return path


def flow_named(name: str) -> dict[str, Any]:
    return contact_flow([action("end", "DisconnectParticipant")], name=name)


def init(root: Path) -> Result:
    return run("init", str(root))


def assert_green(root: Path) -> None:
    """Fail unless a check finds no error and a plan works without a target."""
    checked = run("check", "--project", str(root))
    assert checked.code == 0, checked.out + checked.err
    planned = run("plan", "production", "--project", str(root))
    assert planned.code == 0, planned.out + planned.err


def wholly_written(root: Path) -> str:
    return "".join(
        f"=== {path}\n{(root / path).read_text('utf-8')}" for path in WRITTEN
    )


@pytest.fixture
def updating(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-goldens"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the flows of the example, and nothing else."""
    root = tmp_path / "project"
    shutil.copytree(EXAMPLE / "flows", root / "flows")
    return root


# Whole outputs.


def test_the_example_flows_become_a_project(project: Path, updating: bool) -> None:
    result = init(project)
    assert result.code == 0
    text = result.transcript("init", "PROJECT").replace(str(project), "PROJECT")

    whole = text + wholly_written(project)
    assert_golden(whole, GOLDEN / "example.txt", updating)
    assert_green(project)


@pytest.mark.parametrize("system", ["connect", "event_processing"])
def test_one_flow_becomes_a_project(
    system: str, tmp_path: Path, updating: bool
) -> None:
    root = tmp_path / "one"
    export = json.loads(STREAM.read_text("utf-8"))
    write(root, "export.json", every_reference() if system == "connect" else export)
    result = init(root)
    assert result.code == 0
    text = result.transcript("init", "PROJECT").replace(str(root), "PROJECT")

    assert_golden(text + wholly_written(root), GOLDEN / f"{system}.txt", updating)
    assert_green(root)


def test_the_same_folder_gives_the_same_bytes(project: Path) -> None:
    assert plan_project(project).texts == plan_project(project).texts


def uncommented(text: str) -> str:
    """Take the # away from every line that is YAML and not a sentence."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("targets:"))
    kept = [line for line in lines[start:] if not line[:1].isupper()]
    return "extends: base\n" + "\n".join(kept) + "\n"


PLACEHOLDERS = {
    "REGION:ACCOUNT": "eu-central-1:111122223333",
    "instance/ID": "instance/0a1b2c3d-0000-4000-8000-000000000000",
}


@pytest.mark.parametrize("flow", ["example", "connect"])
def test_what_is_commented_out_holds_as_it_is(
    flow: str, project: Path, tmp_path: Path
) -> None:
    root = project
    if flow == "connect":
        root = tmp_path / "one"
        write(root, "export.json", every_reference())
    assert init(root).code == 0
    production = root / WRITTEN[2]
    text = uncommented(production.read_text("utf-8"))
    production.write_text(text, "utf-8")
    blank = run("check", "--project", str(root))
    assert blank.code == 1
    assert "is not the ARN of an instance" in blank.out
    assert "Checked" in blank.out
    assert " 1 error" in blank.out
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    production.write_text(text, "utf-8")

    checked = run("check", "--project", str(root))
    assert checked.code == 0, checked.out
    found = run("explain", "flows", "--env", "production", "--project", str(root))
    assert "environments/production.yaml" in found.out


def test_no_secret_of_an_export_is_written(project: Path) -> None:
    path = next((project / "flows" / "event_processing").iterdir())
    export = json.loads(path.read_text("utf-8"))
    for node in export["contextState"]["nodes"]:
        found = node.get("configuration", {}).get("credentials", {}).get("data")
        if found:
            found.update({"username": "mallory", "password": "hunter2"})
    path.write_text(json.dumps(export), "utf-8")
    result = init(project)

    assert "hunter2" in path.read_text("utf-8")
    assert "hunter2" not in wholly_written(project) + result.out + result.err
    assert "mallory" not in wholly_written(project)


# Real flows.

EXPORTS = sorted((CORPUS / "event_processing" / "json").glob("*.json"))
INDEX = CORPUS / "connect" / "index.json"
REAL = [
    CORPUS / "connect" / row["file"]
    for row in (json.loads(INDEX.read_text("utf-8")) if INDEX.is_file() else [])
    if (row["class"], row["fmt"]) == ("A", "new")
]


@pytest.mark.skipif(not EXPORTS, reason="the corpus of real flows is not here")
@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_a_real_stream_is_green_at_once(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    (root / "exports").mkdir(parents=True)
    shutil.copy(path, root / "exports")
    assert init(root).code == 0
    assert "scrubbed-password" not in wholly_written(root)
    nodes = json.loads(path.read_text("utf-8"))["contextState"]["nodes"]
    if any(node["nodeType"].startswith("sql") for node in nodes):
        for name in secret_sources(root):  # a SQL text is rewritten with its values
            monkeypatch.setenv(name, "value")

    assert_green(root)


def secret_sources(root: Path) -> list[str]:
    text = (root / WRITTEN[1]).read_text("utf-8")
    base = plain(parse_yaml(source_text("base.yaml", text)))
    assert isinstance(base, dict)
    return [source["env"] for source in base["secrets"].values()]


@pytest.mark.skipif(not REAL, reason="the corpus of real flows is not here")
def test_real_contact_flows_are_green_at_once(tmp_path: Path) -> None:
    broken = []
    for number, path in enumerate(REAL):
        root = tmp_path / str(number)
        root.mkdir()
        shutil.copy(path, root)
        assert init(root).code == 0, path
        if any(f.severity == "error" for f in find_exports(root).flows[0].findings):
            broken.append(path.name)  # what is wrong is in the flow, not in ours
            continue
        assert_green(root)

    assert len(broken) < len(REAL) / 4, broken


# What is found, and what is not.


def test_exports_are_found_by_content(tmp_path: Path) -> None:
    for name in ("a.json", "deep/er/b.txt", "c"):
        write(tmp_path, name, flow_named(name))
    for name in (
        ".hidden/x.json",
        "node_modules/x.json",
        "deep/node_modules/x.json",
        ".venv/x.json",
        "environments/x.json",
        ".x.json",
    ):
        write(tmp_path, name, flow_named(f"not {name}"))
    write(tmp_path, "package.json", {"name": "x"})
    write(tmp_path, "broken.json", '{"Version": ')
    write(tmp_path, "list.json", [1, 2])
    (tmp_path / "binary").write_bytes(b"\x00\xff{")
    large = json.dumps(flow_named("large")) + " " * MAXIMUM_BYTES
    write(tmp_path, "large.json", large)

    found = find_exports(tmp_path)
    assert [flow.source.path for flow in found.flows] == [
        "a.json",
        "c",
        "deep/er/b.txt",
    ]
    assert found.left_out == ()


SQL_EXPORT = """-- -------------------------------------------
-- IBM Event Automation
-- flowName: Small orders
-- -------------------------------------------
CREATE TABLE `orders___TABLE` (`id` STRING) WITH (
    'connector' = 'kafka',
    'topic' = 'ORDERS',
    'properties.bootstrap.servers' = 'kafka.development:9093'
);
"""


def test_exports_as_sql_and_as_a_zip_become_a_project(tmp_path: Path) -> None:
    write(tmp_path, "flows/small.SQL", SQL_EXPORT)
    with zipfile.ZipFile(tmp_path / "flows" / "orders.zip", "w") as archive:
        archive.writestr("flow.json", STREAM.read_text("utf-8"))
        archive.writestr("config.yaml", "{}")
    result = init(tmp_path)

    assert "Found 2 flows: 2 of event_processing" in result.err
    base = (tmp_path / "environments" / "base.yaml").read_text("utf-8")
    assert "topic: ORDERS" in base
    assert_green(tmp_path)


def test_sql_and_zips_of_something_else_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.json", flow_named("a"))
    write(tmp_path, "migration.sql", "CREATE TABLE orders (id int);")
    with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
        archive.writestr("index.html", "")

    found = find_exports(tmp_path)
    assert [flow.source.path for flow in found.flows] == ["a.json"]
    assert found.left_out == ()


def test_a_damaged_zip_export_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "a.json", flow_named("a"))
    (tmp_path / "orders.zip").write_bytes(b"PK\x03\x04 flow.json")

    assert [left.path for left in find_exports(tmp_path).left_out] == ["orders.zip"]


def test_a_byte_order_mark_hides_no_export(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(flow_named("a")), "utf-8-sig")

    assert len(find_exports(tmp_path).flows) == 1


def test_a_folder_without_exports_says_where_it_looked(tmp_path: Path) -> None:
    write(tmp_path, "package.json", {})
    result = init(tmp_path)

    assert result.code == 1
    assert f"there is no export of a flow below {tmp_path}" in result.err
    assert "files looked at: 1; passed over: hidden folders, node_modules" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["package.json"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = init(tmp_path / "nowhere")

    assert (result.code, result.out) == (1, "")
    assert "there is no folder" in result.err


def test_an_export_that_cannot_be_read_is_reported_and_left_out(
    tmp_path: Path,
) -> None:
    unknown = flow_named("new") | {"Version": "2031-01-01"}
    write(tmp_path, "flows/a.json", flow_named("a"))
    write(tmp_path, "flows/b.json", unknown)
    result = init(tmp_path)

    assert result.code == 0
    assert "left out flows/b.json: " in result.err
    assert "path: flows/a.json\n" in (tmp_path / "flowops.yaml").read_text("utf-8")
    assert_green(tmp_path)


def test_only_exports_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, "b.json", flow_named("new") | {"Version": "2031-01-01"})
    result = init(tmp_path)

    assert result.code == 1
    assert "can be used: b.json: " in result.err


def test_a_flow_that_is_there_twice_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "flows/a.json", flow_named("Main"))
    write(tmp_path, "flows/b.json", flow_named("Main"))
    write(tmp_path, "flows/c.json", flow_named("Other"))
    result = init(tmp_path)

    words = "left out flows/b.json: connect/contact-flow/Main is also in flows/a.json"
    assert words in result.err
    assert "Found 2 flows: 2 of connect" in result.err
    assert_green(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="only there can a name hold this")
@pytest.mark.parametrize(
    ("name", "reason"), [(b"a\\b.json", "has a backslash"), (b"\xff.json", "not UTF-8")]
)
def test_a_file_that_cannot_be_named_is_left_out(
    name: bytes, reason: str, tmp_path: Path
) -> None:
    write(tmp_path, "good.json", flow_named("good"))
    place = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118
    with open(place, "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump(flow_named("bad"), stream)
    result = init(tmp_path)

    assert result.code == 0
    assert reason in result.err
    assert_green(tmp_path)


def test_the_next_command_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    result = run("init")

    assert result.out.splitlines() == list(WRITTEN)
    assert result.err.splitlines()[-1] == "Next: flowops check"


# Nothing is overwritten.


@pytest.mark.parametrize("path", WRITTEN)
@pytest.mark.parametrize("kind", ["file", "folder", "broken link"])
def test_a_file_that_exists_is_refused_and_nothing_is_written(
    path: str, kind: str, project: Path
) -> None:
    place = project / path
    place.parent.mkdir(exist_ok=True)
    if kind == "file":
        place.write_text("mine\n", "utf-8")
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(project / "nowhere")
    before = sorted(project.rglob("*"))
    result = init(project)

    assert (result.code, result.out) == (1, "")
    assert f"{path}:1:1: error: this file exists already" in result.err
    assert sorted(project.rglob("*")) == before
    assert kind != "file" or place.read_text("utf-8") == "mine\n"


def test_something_else_in_the_place_of_the_folder_is_refused(project: Path) -> None:
    (project / "environments").write_text("mine\n", "utf-8")
    result = init(project)

    assert result.code == 1
    assert "environments:1:1: error: this is not a folder" in result.err
    assert not (project / "flowops.yaml").exists()


def test_a_file_that_comes_meanwhile_is_refused(project: Path) -> None:
    planned = plan_project(project)
    (project / "flowops.yaml").write_text("mine\n", "utf-8")
    with pytest.raises(InputError, match="exists already"):
        write_project(planned)

    assert not (project / "environments").exists()


def test_when_one_file_cannot_be_written_none_is(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.name == "flowops.yaml":
            raise TargetError("no space")
        write_whole(path, data)

    monkeypatch.setattr(files, "write_whole", full)
    with pytest.raises(TargetError):
        write_project(plan_project(project))

    assert not any((project / path).exists() for path in WRITTEN)


# Patterns.


@pytest.mark.parametrize(
    ("flows", "others", "expected"),
    [
        ("a.json", "", "*.json"),
        ("a.json b.json", "package.json", "a.json b.json"),
        ("f/a.json f/b/c.json", "README.md", "f/**/*.json"),
        ("f/x/a.json f/y/b.json", "f/README.md", "f/**/*.json"),
        ("f/x/a.json", "f/y/b.json", "f/x/**/*.json"),
        ("a/b/c/f.json", "", "a/b/c/**/*.json"),
        ("f/a.json f/b/c.json", "f/x.json", "f/a.json f/b/**/*.json"),
        (
            "f/a.json f/b/c.json f/b/d.json",
            "f/b/x.json",
            "f/*.json f/b/c.json f/b/d.json",
        ),
        ("f/a.json f/b.txt f/c", "", "f/**/*.json f/**/*.txt f/c"),
        ("f/a.json f/b.txt", "f/notes.txt", "f/**/*.json f/b.txt"),
        ("f/a.json g/b.json", "", "f/**/*.json g/**/*.json"),
        ("f/a.json f/environments/b.json", "", "f/**/*.json"),
    ],
)
def test_patterns_are_as_tight_as_sensible(
    flows: str, others: str, expected: str, tmp_path: Path
) -> None:
    wanted, everything = flows.split(), flows.split() + others.split()
    for name in everything:
        write(tmp_path, name, "{}")

    found = choose_patterns(tmp_path, wanted, everything)
    assert " ".join(found) == expected


def test_a_name_with_a_wildcard_must_not_match_others(tmp_path: Path) -> None:
    write(tmp_path, "a*.json", flow_named("wild"))
    write(tmp_path, "abc.json", {})
    result = init(tmp_path)

    assert result.code == 1
    assert "abc.json:1:1: error: this file would be taken for a flow" in result.err
    (tmp_path / "abc.json").unlink()
    assert init(tmp_path).code == 0
    assert_green(tmp_path)


# YAML that reads as it was meant.

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
NASTY = st.sampled_from(
    [
        *(
            "",
            " ",
            "null",
            "~",
            "yes",
            "No",
            "1",
            "1.5",
            "0o7",
            "1e3",
            "<<",
            "-",
            "- a",
        ),
        *("a: b", "a:", ": a", "a #b", "#", "'", '"', "\\", "\\n", "'\"", "a\nb\n"),
        *("a\n", "\na", "a\n\nb", " a\nb", "a \nb", "%a", "@a", "`", "!a", "&a", "*a"),
        *("{a}", "[a", "|", ">", "\x85", "\u2028", "\ufeff", "\x00", "\x1b", "\t", "…"),
        *(
            "é",
            "日本",
            "🎉",
            "\U0010ffff",
            "?",
            "? a",
            "---",
            "...",
            "x" * 2000,
            "a\r\nb",
        ),
        *("k" * 128 + ": #", "a, b", "a ", "a/", "true", "Off", "{{ a }}", "{% b"),
    ]
)
NAMES = st.one_of(TEXTS, NASTY)


@given(NAMES, NAMES, NAMES, st.booleans())
def test_any_name_and_value_comes_back(
    first: str, second: str, value: str, commented: bool
) -> None:
    lines = [*entry_lines(0, first), *entry_lines(1, second, value)]
    lines += entry_lines(0, f"{first}+", value)
    if commented:
        hidden = comment_out(lines)
        assert all(line.startswith("#") for line in hidden)
        assert reading(["a: b", *hidden]) == {"a": "b"}
        lines = [line[2:] for line in hidden]

    assert reading(lines) == {first: {second: value}, f"{first}+": value}


def reading(lines: Sequence[str]) -> object:
    text = "".join(f"{line}\n" for line in lines)
    return plain(parse_yaml(source_text("file.yaml", text)))


@given(st.one_of(TEXTS, st.text("{%#}\r\n \"'a", max_size=30)))
def test_a_text_as_a_template_is_filled_to_itself(text: str) -> None:
    assert fill(as_template(text), {}, Location("x")) == text


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), max_size=5))
def test_every_secret_has_a_name_of_its_own(words: list[list[str]]) -> None:
    secrets = SecretNames()
    names = [secrets.add(*texts, "password") for texts in words]

    assert len(set(names)) == len(names)
    for name in names:
        assert fill(f"{{{{ {name} }}}}", {name: "x"}, Location("y")) == "x"
        assert name.isascii()


@settings(max_examples=40)
@given(name=NAMES, queue=NAMES.filter(str.strip))
def test_any_name_of_a_flow_gives_a_project_that_checks(
    name: str, queue: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("any")
    shown = {"q": {"parameters": {"QueueId": {"displayName": queue}}}}
    actions = [
        action("q", "UpdateContactTargetQueue", {"QueueId": arn("queue")}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    write(root, "flow.json", contact_flow(actions, shown, name=name))

    assert init(root).code == 0
    assert_green(root)
