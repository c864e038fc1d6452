"""Redacting files: secrets go, every other byte stays, and once is enough."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.cli import main
from flowops.cli.redacting import redact_file
from flowops.documents.archive import zip_bytes
from flowops.errors import InputError
from flowops.systems.event_processing.redaction.exports import redact_export
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    PASSWORD,
    USERNAME,
    document,
    node,
    sink,
    source,
    text_of,
)

STATEMENT = "CREATE TABLE `x` (`a` INT) WITH ('password' = 'marker-sql', 'url' = 'x')"
FLOW = document(
    source(credentials=CREDENTIALS), node("x", "sqlSink", {"statement": STATEMENT})
)
JSON = text_of(FLOW).to_bytes()
SQL = f"-- flowName: a\n{STATEMENT};\n-- it's jdbc:x://u:marker-url@h/d\n".encode()
CONFIG = b"""# kept by hand
config:
  readings:
    readings___TABLE:
      topic: "T"   # why
      properties.sasl.jaas.config: o.PlainLoginModule required username="marker-u" password="marker-p";
  x: {x: {password: marker-jdbc, url: x}}
"""  # noqa: E501
ZIP = zip_bytes({"flow.json": JSON, "config.yaml": CONFIG, "notes.txt": b"marker"})
KINDS = {"a.json": JSON, "a.sql": SQL, "a.zip": ZIP}


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["redact", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("name", KINDS)
def test_redacting_twice_changes_nothing(name: str) -> None:
    once = redact_export(name, KINDS[name])
    assert once.hidden
    again = redact_export(name, once.data)
    assert again.data == once.data
    assert again.hidden == ()


def test_json_changes_in_its_values_only() -> None:
    data = redact_export("a.json", JSON).data.decode()
    expected = JSON.decode().replace(USERNAME, "<username_redacted>")
    expected = expected.replace(PASSWORD, "<password_redacted>")
    assert data == expected.replace("marker-sql", "<password_redacted>")


def test_sql_changes_in_its_values_only() -> None:
    found = redact_export("a.sql", SQL)
    expected = SQL.replace(b"marker-sql", b"<password_redacted>").replace(
        b"u:marker-url@", b"<username_redacted>:<password_redacted>@"
    )
    assert found.data == expected
    assert found.hidden[0].location.line == 2


def test_a_zip_changes_in_its_members() -> None:
    found = redact_export("a.zip", ZIP)
    inside = members(found.data)
    assert [*inside] == ["flow.json", "config.yaml", "notes.txt"]
    assert inside["notes.txt"] == b"marker"
    assert inside["flow.json"] == redact_export("a.json", JSON).data
    config = inside["config.yaml"].decode()
    assert "marker" not in config
    assert "# kept by hand\n" in config
    assert 'topic: "T"   # why\n' in config
    assert 'password="<password_redacted>";' in config
    assert {h.location.path for h in found.hidden} == {
        "a.zip/flow.json",
        "a.zip/config.yaml",
    }


@given(
    st.recursive(
        st.text(max_size=20) | st.sampled_from(["'password' = 'x'", "a://b:c@d", ""]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["password", "username", "value", "name", "a"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    )
)
def test_redacting_any_document_twice_changes_nothing(value: object) -> None:
    data = json.dumps({"contextState": value}, ensure_ascii=False).encode()
    once = redact_export("a.json", data)
    assert redact_export("a.json", once.data).data == once.data


PIECES = st.sampled_from(
    [*"ab'`;-:/@ \n", '"', "'password'='x'", "jdbc:x://", "LoginModule required"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_redacting_any_text_twice_changes_nothing(text: str) -> None:
    once = redact_export("a.sql", text.encode())
    assert redact_export("a.sql", once.data).data == once.data


@pytest.mark.parametrize("name", KINDS)
def test_the_command_writes_over_the_file_or_beside_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, other = tmp_path / name, tmp_path / "other"
    path.write_bytes(KINDS[name])
    path.chmod(0o640)
    code, out, said = run(str(path), capsys=capsys)
    assert (code, path.read_bytes()) == (0, KINDS[name])
    assert "would be redacted" in said
    assert f"{path}" in out
    assert "marker-" not in out + said
    assert run(str(path), "--out", str(other), capsys=capsys)[0] == 0
    assert path.read_bytes() == KINDS[name]
    assert run(str(path), "--write", capsys=capsys)[0] == 0
    assert (
        path.read_bytes() == other.read_bytes() == redact_file(name, KINDS[name]).data
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_command_writes_nothing_when_nothing_is_hidden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text_of(document(source(), sink())).to_bytes())
    before = path.stat().st_mtime_ns
    code, out, said = run(
        str(path), "--out", str(tmp_path / "b"), "--format", "json", capsys=capsys
    )
    assert (code, json.loads(out)["secrets"]) == (0, [])
    assert "nothing was written" in said
    assert not (tmp_path / "b").exists()
    assert run(str(path), "--write", capsys=capsys)[0] == 0
    assert path.stat().st_mtime_ns == before


def test_the_command_gives_data_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.sql"
    path.write_bytes(SQL)
    code, out, _ = run(str(path), "--format", "json", capsys=capsys)
    assert code == 0
    assert json.loads(out)["secrets"][0] == {
        "path": str(path),
        "line": 2,
        "column": 47,
        "what": "the option password",
    }


def test_a_contact_flow_loses_parameters_that_look_like_secrets(tmp_path: Path) -> None:
    action = {
        "Identifier": "1",
        "Type": "MessageParticipant",
        "Parameters": {"Text": "hello", "ApiKey": "marker-0123456789abcdef"},
        "Transitions": {},
    }
    flow = {"Version": "2019-10-30", "StartAction": "1", "Actions": [action]}
    data = json.dumps(flow, indent=1).encode()
    found = redact_file("a.json", data)
    assert found.data == data.replace(b"marker-0123456789abcdef", b"<value_redacted>")
    assert redact_file("a.json", found.data).hidden == ()


def test_an_old_contact_flow_loses_them_as_well() -> None:
    known = {"name": "Attribute", "value": "marker-old", "key": "api_key"}
    later = {"name": "Attribute", "value": "a", "key": "token", "namespace": "External"}
    block = {"id": "1", "type": "SetAttributes", "parameters": [known, later]}
    flow = {"modules": [block], "version": "1", "type": "contactFlow", "start": "1"}
    data = json.dumps(flow, indent=1).encode()
    found = redact_file("a.json", data)
    assert found.data == data.replace(b"marker-old", b"<value_redacted>")
    assert redact_file("a.json", found.data).hidden == ()


def test_a_contact_flow_inside_another_document_is_not_said_to_be_clean() -> None:
    given = {"Text": "hello", "ApiKey": "marker-0123456789abcdef"}
    action = {"Identifier": "1", "Type": "MessageParticipant", "Parameters": given}
    whole = action | {"Transitions": {}}
    flow = {"Version": "2019-10-30", "StartAction": "1", "Actions": [whole]}
    document = {"ContactFlow": {"Name": "A", "Content": json.dumps(flow)}}
    with pytest.raises(InputError, match="holds what looks like secrets"):
        redact_file("a.json", json.dumps(document).encode())
    del given["ApiKey"]
    document["ContactFlow"]["Content"] = json.dumps(flow)
    assert redact_file("a.json", json.dumps(document).encode()).hidden == ()


@pytest.mark.parametrize("data", [b"{}", b"[1]", b"hello", b""])
def test_what_is_no_flow_is_refused(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    code, out, said = run(str(path), "--write", capsys=capsys)
    assert (code, out) == (1, "")
    assert "error:" in said
    assert path.read_bytes() == data


def test_two_places_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a.json", "--write", "--out", "b", capsys=capsys)[0] == 64
