"""Where an environment says to ask: what is refused, joined, hidden and left out."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.errors import FlowOpsError, InputError
from flowops.inventory import gap_findings, inventory_json, read_inventory
from flowops.model import Inventory, Resource, Severity
from flowops.overlays.environment import Sources, load_environment
from flowops.progress import Stage
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.event_processing import inventory as stream
from flowops.systems.event_processing.inventory import (
    check_inventory,
    is_inventory_key,
    stream_inventory,
)
from flowops.systems.event_processing.inventory.sources import (
    PLACES,
    Answer,
    Source,
    read_sources,
)
from flowops.systems.event_processing.settings.references import KINDS
from flowops.systems.protocol import Target, TargetSettings
from tests.streams.builders import PLACE, ask, secret, settings_of
from tests.support.sources import ROOT

SCHEMA = json.loads((ROOT / "flowops/schema/environment.schema.json").read_text())
LOGIN: Mapping[str, Text] = {"sasl.mechanism": "PLAIN", "sasl.username": "me"}
SERVERS = {"bootstrap.servers": "kafka.example:9092"}
PASSWORDS = ("password", "sasl.password", "ssl.key.password")


def load(text: str, variables: Mapping[str, str] | None = None) -> TargetSettings:
    """Read an environment whose target of Event Processing says where to ask."""
    files = {"environments/test.yaml": text.encode()}
    sources = Sources("environments", ("test",), files.get, variables or {})
    layer = load_environment("test", sources).targets["event_processing"]
    given = (layer.system, layer.kind, layer.values, layer.location, Path(), "test")
    return TargetSettings(*given)


def refusal(asked: Mapping[str, Mapping[str, Text]], **other: Text) -> str:
    with pytest.raises(InputError) as caught:
        check_inventory(settings_of(Path(), asked, **other))
    assert caught.value.location == PLACE
    return str(caught.value).removeprefix(f"{PLACE}: ")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            {"kafak": SERVERS},
            "ask.kafak is nothing to ask (did you mean kafka?)",
        ),
        (
            {"x": SERVERS},
            (
                "ask.x is nothing to ask "
                "(there are kafka, tables, registry, flink, timeout)"
            ),
        ),
        (
            {"kafka": SERVERS | {"bootstrap.server": "a"}},
            (
                "there is no setting ask.kafka.bootstrap.server "
                "(did you mean bootstrap.servers?)"
            ),
        ),
        (
            {"tables": {"host": "a"}},
            "there is no setting ask.tables.host (there are url, username, password)",
        ),
        (
            {"kafka": {"sasl.username": "a"}},
            "ask.kafka needs `bootstrap.servers`",
        ),
        ({"registry": {"url": " "}}, "ask.registry needs `url`"),
        (
            {"kafka": SERVERS | {"sasl.username": "me"}},
            (
                "ask.kafka.sasl.username is not used with security.protocol PLAINTEXT "
                "(write security.protocol: SASL_SSL)"
            ),
        ),
        (
            {"kafka": SERVERS | {"security.protocol": "SASL_SSL"}},
            "ask.kafka with SASL_SSL needs `sasl.mechanism`",
        ),
        (
            {"kafka": {**SERVERS, **LOGIN, "security.protocol": "SASL_SSL"}},
            "ask.kafka with SASL_SSL needs `sasl.password`",
        ),
        (
            {"kafka": SERVERS | {"security.protocol": "sasl_sl"}},
            "ask.kafka.security.protocol cannot be 'sasl_sl' (did you mean SASL_SSL?)",
        ),
        (
            {"kafka": SERVERS | {"sasl.mechanism": secret("PLAIN")}},
            (
                "ask.kafka.sasl.mechanism cannot be '<password_redacted>' (there are "
                "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)"
            ),
        ),
        (
            {"kafka": SERVERS | {"sasl.password": "word"}},
            (
                "ask.kafka.sasl.password has a password in the clear "
                "(name it under `secrets` and write {{ its_name }} here)"
            ),
        ),
        (
            {"tables": {"url": "jdbc:postgresql://h/x?user=a&password=word"}},
            (
                "ask.tables.url has a password in the clear "
                "(name it under `secrets` and write {{ its_name }} here)"
            ),
        ),
        (
            {"registry": {"url": "https://someone:word@host"}},
            (
                "ask.registry.url has a password in the clear "
                "(name it under `secrets` and write {{ its_name }} here)"
            ),
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(
    asked: Mapping[str, Mapping[str, Text]], words: str
) -> None:
    assert refusal(asked) == words


@pytest.mark.parametrize("text", ["0", "-1", "soon", "1e3", "0.0", "", "10000"])
def test_a_timeout_that_is_none_is_refused(text: str) -> None:
    words = f"ask.timeout must be seconds above zero, not {text!r}"
    assert words in refusal({"kafka": SERVERS}, **{"ask.timeout": text})


@pytest.mark.parametrize("name", ["ask", "ask.kafka", "ask.", "ask.tables"])
def test_what_is_no_mapping_is_refused(name: str) -> None:
    assert "must be a mapping" in refusal({}, **{name: "yes"})


def test_a_timeout_counts_for_each_place() -> None:
    settings = settings_of(Path(), {"kafka": SERVERS, "tables": {"url": "a"}})
    assert [s.seconds for s in read_sources(settings)] == [10.0, 10.0]
    values = {**settings.values, "ask.timeout": "2.5"}
    slower = settings_of(Path(), {}, **values)
    assert [(s.name, s.seconds) for s in read_sources(slower)] == [
        ("kafka", 2.5),
        ("tables", 2.5),
    ]


def test_the_keys_of_an_inventory_are_known() -> None:
    assert all(map(is_inventory_key, ("inventory", "ask", "ask.kafka.url")))
    assert not any(map(is_inventory_key, ("asks", "path", "inventory.x", "as")))


TEXT = """
variables: {kafka: "kafka.example:9092"}
secrets: {word: {env: WORD}}
targets:
  event_processing:
    kind: directory
    path: out
    ask:
      timeout: 2
      kafka:
        bootstrap.servers: "{{ kafka }}"
        security.protocol: SASL_SSL
        sasl.mechanism: PLAIN
        sasl.username: flowops
        sasl.password: "{{ word }}"
"""


def test_templates_are_filled_and_secrets_stay_sealed() -> None:
    (source,) = read_sources(load(TEXT, {"WORD": "marker-x"}))
    assert source.text("bootstrap.servers") == "kafka.example:9092"
    assert isinstance(source.values["sasl.password"], Secret)
    assert source.text("sasl.password") == "marker-x"
    assert "marker-x" not in repr(source)


def test_a_child_changes_one_setting_of_its_parent() -> None:
    files = {
        "environments/parent.yaml": TEXT.encode(),
        "environments/test.yaml": b"extends: parent\ntargets: {event_processing: "
        b"{ask: {timeout: null, kafka: {sasl.password: null, sasl.username: me}}}}",
    }
    sources = Sources("environments", ("parent", "test"), files.get, {})
    values = load_environment("test", sources).targets["event_processing"].values
    assert {key: str(value) for key, value in values.items()} == {
        "path": "out",
        "ask.kafka.bootstrap.servers": "kafka.example:9092",
        "ask.kafka.security.protocol": "SASL_SSL",
        "ask.kafka.sasl.mechanism": "PLAIN",
        "ask.kafka.sasl.username": "me",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ask: [a]", "ask must be a text"),
        ("ask: {kafka: [a]}", "ask.kafka must be a text"),
        ("ask: {kafka: {bootstrap.servers: [a]}}", "bootstrap.servers must be a text"),
        ("path: {a: b}", "path must be a text"),
        ("ask: {kafka: {a.b: c, a: {b: d}}}", "ask.kafka.a.b of event_processing is g"),
        ("ask: {kafka: {bootstrap.servers: '{{ x }}'}}", "'x', which is not defined"),
    ],
)
def test_an_environment_of_another_shape_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        load(f"targets: {{event_processing: {{kind: directory, {text}}}}}")
    assert words in str(caught.value)
    assert caught.value.location


TARGETS: Mapping[str, Mapping[str, Text]] = {
    "directory": {"path": "out"},
    "flink": {"url": "http://127.0.0.1:1"},
    "kubernetes": {
        "operator": "apache",
        "namespace": "flows",
        "server": "https://127.0.0.1:1",
        "image": "example/flink:2",
        "flink-version": "v2_0",
    },
}


def test_every_kind_of_target_is_tried_here() -> None:
    assert {*event_processing.target_kinds} == {*TARGETS}


@pytest.mark.parametrize("kind", TARGETS)
def test_every_target_asks_the_same_way(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "there.yaml").write_text("broker: [b]", "utf-8")
    answering(monkeypatch, kafka=Answer(("A",), "not all of it"))

    def opened(place: str) -> Target:
        found = settings_of(tmp_path, {place: SERVERS}, **TARGETS[kind])
        values = {**found.values, "inventory": "there.yaml"}
        return event_processing.open_target(replace(found, kind=kind, values=values))

    with pytest.raises(InputError, match="did you mean kafka"):
        opened("kafk")
    found = opened("kafka").inventory(KINDS)
    assert [r.name for r in found.resources] == ["b", "A"]
    assert found.gaps == {"topic": "not all of it"}


def answering(
    monkeypatch: pytest.MonkeyPatch, **answers: Answer | Exception
) -> list[Source]:
    """Let places answer what a test says; returns which were asked."""
    asked: list[Source] = []

    def answer(source: Source) -> Answer:
        asked.append(source)
        found = answers[source.name]
        if isinstance(found, Exception):
            raise found
        return found

    table = {name: (kind, answer) for name, (kind, _) in stream.ASKED.items()}
    monkeypatch.setattr(stream, "ASKED", table)
    return asked


ALL: Mapping[str, Mapping[str, Text]] = {
    "registry": {"url": "r"},
    "tables": {"url": "t"},
    "kafka": SERVERS,
}


def test_only_what_is_wanted_is_asked_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answering(monkeypatch, kafka=Answer(("A",)))
    told: list[Stage] = []
    settings = TargetSettings(
        *("event_processing", "directory", settings_of(Path(), ALL).values, PLACE),
        *(Path(), "test", told.append),
    )
    found = stream_inventory(settings, {"topic", "broker"})
    assert [source.name for source in asked] == ["kafka"]
    assert found == Inventory((Resource("topic", "A"),), frozenset({"topic"}))
    assert [stage.what for stage in told] == ["asking kafka for each topic"]


def test_a_file_adds_to_what_was_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "there.yaml").write_text("topic: [B, A]\nbroker: [b]", "utf-8")
    answering(monkeypatch, kafka=Answer(("C", "A"), "not all of it"))
    settings = settings_of(tmp_path, {"kafka": SERVERS}, inventory="there.yaml")
    found = stream_inventory(settings, KINDS)
    assert [(r.kind, r.name) for r in found.resources] == [
        ("broker", "b"),
        ("topic", "A"),
        ("topic", "B"),
        ("topic", "C"),
    ]
    assert found.kinds == {"broker", "topic"}
    assert found.gaps == {"topic": "not all of it"}


def test_a_kind_that_could_not_be_asked_is_unknown_though_a_file_lists_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "there.yaml").write_text("topic: [A]\nbroker: [b]", "utf-8")
    answering(monkeypatch, kafka=Answer(None, "it is away"))
    settings = settings_of(tmp_path, {"kafka": SERVERS}, inventory="there.yaml")
    found = stream_inventory(settings, KINDS)
    assert found == Inventory(
        (Resource("broker", "b"),), frozenset({"broker"}), gaps={"topic": "it is away"}
    )


def test_a_secret_without_a_value_leaves_only_its_kind_out() -> None:
    found = stream_inventory(load(TEXT), KINDS)
    assert found.kinds == frozenset()
    assert found.gaps == {
        "topic": "the secret word has no value: env WORD is not set "
        "(set it where this command runs)"
    }


def test_a_client_that_repeats_a_secret_does_not_show_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flowops.errors import TargetError

    answering(monkeypatch, kafka=TargetError("who is marker-x at kafka.example?"))
    values: dict[str, Text] = {
        **SERVERS,
        "ssl.ca.location": Secret("marker-x", "<username_redacted>"),
    }
    found = ask({"kafka": values})
    assert found.gaps == {"topic": "who is <username_redacted> at kafka.example?"}


@pytest.mark.parametrize(
    ("place", "values", "package", "extra"),
    [
        ("kafka", SERVERS, "confluent_kafka", "kafka"),
        (
            "tables",
            {"url": "jdbc:postgresql://h/x", "username": "u"},
            "pg8000.exceptions",
            "postgresql",
        ),
    ],
)
def test_a_client_that_is_not_installed_is_named(
    place: str,
    values: Mapping[str, Text],
    package: str,
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(FlowOpsError) as caught:
        ask({place: values})
    assert f"`ask` has {place}, and " in str(caught.value)
    assert f"pip install 'flowops-cli[{extra}]'" in str(caught.value)


def test_a_gap_is_a_warning_and_is_kept_in_the_snapshot() -> None:
    inventory = Inventory(gaps={"topic": "it is away"})
    (finding,) = gap_findings(inventory)
    assert (finding.severity, finding.rule) == (Severity.WARNING, "inventory/gap")
    assert finding.message == "not every topic can be checked: it is away"
    assert read_inventory(inventory_json(inventory)) == inventory
    assert "gaps" not in inventory_json(Inventory())


def test_the_schema_knows_the_same_settings() -> None:
    systems = SCHEMA["properties"]["targets"]["properties"]
    asked = systems["event_processing"]["properties"]["ask"]["properties"]
    assert asked.keys() == {*PLACES, "timeout"}
    for place, keys in PLACES.items():
        assert asked[place]["properties"].keys() == {*keys}
        assert asked[place]["additionalProperties"] is False


@pytest.mark.parametrize("place", PLACES)
def test_the_schema_takes_a_password_as_a_template_only(place: str) -> None:
    for key in set(PASSWORDS) & set(PLACES[place]):
        for value, is_right in (("{{ word }}", True), (None, True), ("word", False)):
            document = {
                "targets": {
                    "event_processing": {
                        "kind": "directory",
                        "ask": {place: {key: value}},
                    }
                }
            }
            assert (
                jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is is_right
            )


KEYS = st.sampled_from(
    [*(f"ask.{p}.{k}" for p, keys in PLACES.items() for k in keys), "ask.timeout"]
)
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["SASL_SSL", "PLAIN", "5"]))


@given(st.dictionaries(KEYS | st.text(max_size=12).map("ask.{}".format), TEXTS))
def test_any_settings_are_read_or_refused(values: dict[str, str]) -> None:
    settings = settings_of(Path(), {}, **values)
    with contextlib.suppress(InputError):
        for source in read_sources(settings):
            assert source.values.keys() <= {*PLACES[source.name]}
            assert source.text(PLACES[source.name][0]).strip()
            assert 0 < source.seconds < 1000
