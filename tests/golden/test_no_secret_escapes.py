"""A password planted in every sensitive place is in no output of any command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.projects import SandboxProject, run

MARKER = "hunter2-0451-marker"
WORDS: list[list[str]] = [
    ["check"],
    ["check", "--strict", "--format", "json"],
    ["plan", "staging"],
    ["plan", "staging", "--format", "json"],
    ["plan", "staging", "--save", "SAVED"],
    ["render", "staging", "--out", "OUT"],
    ["render", "production", "--out", "OUT", "--format", "json"],
    ["promote", "staging", "--yes"],
    ["promote", "staging", "--yes", "--format", "json"],
]


def plant(project: SandboxProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the marker wherever a secret can stand."""
    monkeypatch.setenv("KAFKA_USERNAME", f"user-{MARKER}")
    monkeypatch.setenv("KAFKA_PASSWORD", f"pass-{MARKER}")
    flows = project.root / "flows"
    plant_stream(flows / "event_processing" / "large-orders.json")
    plant_call(flows / "connect" / "main-ivr.json")
    (project.root / "secret.txt").write_text(f"file-{MARKER}\n", "utf-8")
    base = project.root / "environments" / "base.yaml"
    text = base.read_text("utf-8").replace(
        "secrets:", "secrets:\n  truststore_password: {file: secret.txt}"
    )
    text += (
        "          properties.ssl.truststore.password: '{{ truststore_password }}'\n"
    )
    base.write_text(text, "utf-8")


def plant_stream(path: Path) -> None:
    flow = json.loads(path.read_text("utf-8"))
    for node in flow["contextState"]["nodes"]:
        if "credentials" in node["configuration"]:
            node["configuration"]["credentials"]["data"] |= {
                "username": f"u-{MARKER}",
                "password": f"p-{MARKER}",
            }
    path.write_text(json.dumps(flow, indent=2), "utf-8")
    other = json.loads(json.dumps(flow))
    other["flowDetails"]["flowName"] = "Opaque"
    other["contextState"]["nodes"][2] |= {
        "nodeType": "sqlProcessor",
        "configuration": {"statement": statement()},
    }
    other["contextState"]["nodes"][3] |= {
        "nodeType": "api",
        "configuration": api(),
    }
    (path.parent / "opaque.json").write_text(json.dumps(other, indent=2), "utf-8")
    for version in (3, 5):
        old = json.loads(json.dumps(flow))
        old["flowDetails"] |= {"flowName": f"Old {version}", "flowVersion": version}
        for node in old["contextState"]["nodes"]:
            configuration = node["configuration"]
            if "credentials" in configuration:
                del configuration["credentials"]
                configuration |= {
                    "type": "SASL",
                    "mechanism": "PLAIN",
                    "username": f"u{version}-{MARKER}",
                    "password": f"p{version}-{MARKER}",
                }
                if version == 3:
                    del configuration["securityProtocol"]
                    configuration |= {
                        "ssl": True,
                        "certs": configuration.pop("truststoreCertificates"),
                    }
        file = path.parent / f"old-{version}.json"
        file.write_text(json.dumps(old, indent=2), "utf-8")


def statement() -> str:
    return (
        "CREATE TEMPORARY TABLE `t` (`a` STRING) WITH (\n"
        f"  'connector' = 'jdbc', 'password' = 'jdbc-{MARKER}',"
        f" 'username' = 'jdbcuser-{MARKER}',\n"
        f"  'url' = 'jdbc:postgresql://u:url-{MARKER}@db/x',\n"
        "  'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.plain."
        f'PlainLoginModule required username="j-{MARKER}" password="k-{MARKER}";\',\n'
        f"  'gid.connector.http.source.lookup.header.Authorization' = 'B {MARKER}'\n"
        ");\nCREATE TEMPORARY VIEW `with region` AS SELECT * FROM `large orders`;"
    )


def api() -> dict[str, Any]:
    parameters = [
        {
            "name": name,
            "in": where,
            "type": "string",
            "required": True,
            "input": {"kind": "literal", "value": f"{name}-{MARKER}"},
        }
        for name, where in (
            ("apikey", "header"),
            ("Authorization", "header"),
            ("access_token", "query"),
        )
    ]
    return {
        "servers": [{"url": f"https://u:{MARKER}@api.example", "variables": []}],
        "configuredUrl": f"https://u:{MARKER}@api.example",
        "operations": [{"path": "/", "requestParameters": parameters}],
        "columns": [],
    }


def plant_call(path: Path) -> None:
    flow = json.loads(path.read_text("utf-8"))
    flow["Actions"][2]["Parameters"]["LambdaInvocationAttributes"] = {
        "apiKey": f"key-{MARKER}",
        "clientSecret": f"secret-{MARKER}",
        "Authorization": f"Bearer {MARKER}",
        "db_password": f"db-{MARKER}",
    }
    path.write_text(json.dumps(flow, indent=2), "utf-8")


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_marker_is_in_no_output(
    example: SandboxProject,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: list[str],
) -> None:
    plant(example, monkeypatch)
    places = {"SAVED": str(tmp_path / "plan.json"), "OUT": str(tmp_path / "out")}
    result = example.run(*[places.get(word, word) for word in words])
    assert result.code in (0, 1), result.err
    assert MARKER not in result.out + result.err
    written = [p for p in tmp_path.rglob("*") if p.is_file()]
    sources = example.root / "flows", example.root / "secret.txt"
    for path in written:
        if not any(path.is_relative_to(source) for source in sources):
            assert MARKER.encode() not in path.read_bytes(), path


def test_secrets_are_opened_only_when_asked_for(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(example, monkeypatch)
    out = tmp_path / "out"
    words = ["render", "staging", "Large orders", "Main IVR", "--out", str(out)]
    result = example.run(*words, "--with-secrets")
    assert result.code == 0, result.err
    assert MARKER not in result.out + result.err
    holding = [
        path
        for path in out.rglob("*")
        if path.is_file() and MARKER.encode() in path.read_bytes()
    ]
    assert {path.name for path in holding} >= {"flow.sql", "config.yaml"}
    for path in holding:
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_a_secret_that_has_no_value_is_said_by_name(
    example: SandboxProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("KAFKA_PASSWORD", raising=False)
    monkeypatch.setenv("KAFKA_USERNAME", "someone")
    assert "KAFKA_PASSWORD is not set" in example.run("plan", "staging").out
    words = ["render", "staging", "--out", str(tmp_path / "out"), "--with-secrets"]
    result = run(*words, "--project", str(example.root))
    assert result.code == 1
    assert "the secret kafka_password has no value" in result.err
