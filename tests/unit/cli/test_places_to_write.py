"""No command writes over a flow, or among the flows it reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.legacy_flows import read_parameters
from tests.support.projects import copy_example, run


@pytest.mark.parametrize("place", ["flows", "flows/rendered"])
def test_a_render_among_the_sources_is_refused(tmp_path: Path, place: str) -> None:
    root = copy_example(tmp_path / "project")
    words = ("render", "staging", "--project", str(root), "--out")
    before = sorted(root.rglob("*"))
    result = run(*words, str(root / place))
    assert result.code == 64
    assert f"{place}/" in result.err
    assert "would be read as a flow, by 'flows/**/*.json'" in result.err
    assert sorted(root.rglob("*")) == before
    for safe in (root / "build", root / "flows" / ".rendered", tmp_path / "out"):
        assert run(*words, str(safe)).code == 0


def legacy(folder: Path) -> Path:
    path = folder / "legacy.json"
    path.write_text(json.dumps(read_parameters("SetVoice")), "utf-8")
    return path


def test_converting_takes_no_file_away(tmp_path: Path) -> None:
    path = legacy(tmp_path)
    held = path.read_bytes()
    other = tmp_path / "other.json"
    other.write_text("{}", "utf-8")
    for taken in (path, other):
        result = run("convert", str(path), "--out", str(taken))
        assert result.code == 1
        assert f"{taken} is there already, and something else is in it" in result.err
    assert path.read_bytes() == held
    assert other.read_text("utf-8") == "{}"
    for _ in range(2):
        result = run("convert", str(path), "--out", str(tmp_path / "new.json"))
        assert result.code == 0


@pytest.mark.parametrize("command", ["arrange", "redact"])
def test_a_file_of_another_name_takes_no_file_away(
    tmp_path: Path, command: str
) -> None:
    root = copy_example(tmp_path / "project")
    flow = {
        "arrange": root / "flows" / "connect" / "main-ivr.json",
        "redact": tmp_path / "secret.sql",
    }[command]
    (tmp_path / "secret.sql").write_text(
        "CREATE TABLE a (b INT) WITH ('connector' = 'kafka', 'topic' = 't', "
        "'properties.bootstrap.servers' = 'h:1', 'format' = 'json', "
        "'properties.sasl.jaas.config' = 'x required password=\"hunter2\";');\n",
        "utf-8",
    )
    other = tmp_path / "other.json"
    other.write_text("kept", "utf-8")
    result = run(command, str(flow), "--out", str(other))
    assert result.code == 1, result.out + result.err
    assert "is there already" in result.err
    assert other.read_text("utf-8") == "kept"
    assert run(command, str(flow), "--out", str(tmp_path / "new.json")).code == 0
    assert (tmp_path / "new.json").exists()
