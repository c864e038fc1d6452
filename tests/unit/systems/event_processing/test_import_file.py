"""The JSON for another instance: values of the environment, everything else kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flowops.secrets import Secret, compose, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.output.import_file import IMPORT_FILE
from flowops.systems.protocol import BoundFlow, Bundle, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    node,
    read,
    sink,
    source,
    text_of,
)

JAAS = "properties.sasl.jaas.config"
STATEMENT = (
    "CREATE TABLE `x` (`city` STRING) WITH ('connector' = 'kafka', 'topic' = 'X')"
)
FLOW = document(
    source(credentials=CREDENTIALS, startUpMode="earliest-offset"),
    sink(),
    node("x", "sqlSink", {"statement": STATEMENT}),
    edges=[("readings", "results"), ("readings", "x")],
)


def unavailable() -> str:
    message = "a secret was opened while rendering"
    raise AssertionError(message)


def rendered(
    changes: dict[tuple[str, str], str | Secret], *, wanted: str = "true"
) -> Bundle:
    flow = read(FLOW)
    settings = {(s.node, s.name): s for s in flow.settings}
    for (name, option), value in changes.items():
        found = next(s for s in flow.settings if s.node == name)
        new = Setting(name, found.table, option, value, found.origin)
        settings[name, option] = new
    bound = BoundFlow(flow, settings=tuple(settings.values()))
    return event_processing.render(replace(bound, target={"import": wanted}))


def test_the_file_is_made_on_request_only() -> None:
    assert IMPORT_FILE not in rendered({}, wanted="").files
    assert IMPORT_FILE not in rendered({}, wanted="false").files
    bundle = rendered({})
    assert open_text(bundle.files[IMPORT_FILE]) == text_of(FLOW).text.open()
    assert str(bundle.files[IMPORT_FILE]) == str(bundle.files["flow.json"])


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (("results", "topic"), '"RESULTS"', '"R2"'),
        (("readings", "scan.startup.mode"), '"earliest-offset"', '"R2"'),
        (("x", "topic"), "'topic' = 'X'", "'topic' = 'R2'"),
        (("readings", "properties.sasl.mechanism"), '"SCRAM-SHA-512"', '"R2"'),
    ],
)
def test_a_value_of_the_environment_is_written(
    change: tuple[str, str], old: str, new: str
) -> None:
    bundle = rendered({change: "R2"})
    text = text_of(FLOW).text.open()
    assert text.count(old) == 1
    assert open_text(bundle.files[IMPORT_FILE]) == text.replace(old, new)
    assert open_text(bundle.files["flow.json"]) == text


def configuration(bundle: Bundle, *, opened: bool) -> Json:
    file = bundle.files[IMPORT_FILE]
    value = json.loads(open_text(file) if opened else str(file))
    found = value["contextState"]["nodes"][0]["configuration"]
    assert isinstance(found, dict)
    return found


def test_servers_become_a_list_and_a_login_its_parts() -> None:
    line = compose(
        'o.ScramLoginModule required username="',
        Secret("marker-u", "<username_redacted>"),
        '" password="',
        Secret("marker-p", "<password_redacted>"),
        '";',
    )
    bundle = rendered(
        {
            ("readings", "properties.bootstrap.servers"): "a:1,b:2",
            ("readings", JAAS): line,
        }
    )
    found = configuration(bundle, opened=True)
    assert found["bootstrapServers"] == ["a:1", "b:2"]
    data = found["credentials"]["data"]  # type: ignore[index]
    assert (data["username"], data["password"]) == ("marker-u", "marker-p")
    shown = configuration(bundle, opened=False)["credentials"]["data"]  # type: ignore[index]
    assert shown["password"] == "<password_redacted>"
    assert "marker-" not in str(bundle.files[IMPORT_FILE])


def test_no_secret_is_opened_before_it_has_to_be() -> None:
    secret = Secret(unavailable, "<password_redacted>")
    bundle = rendered({("readings", JAAS): secret, ("x", "password"): secret})
    assert "<password_redacted>" in str(bundle.files[IMPORT_FILE])
    assert "'password' = '<password_redacted>'" in str(bundle.files["flow.sql"])


def test_an_option_without_a_place_is_told() -> None:
    bundle = rendered({("results", "properties.client.id"): "me"})
    (found,) = [f for f in bundle.findings if f.rule.endswith("not-imported")]
    assert found.message == "import.json does not carry properties.client.id of results"
    assert open_text(bundle.files[IMPORT_FILE]) == text_of(FLOW).text.open()
