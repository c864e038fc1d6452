"""A marker in every sensitive place shows up nowhere, and opens where it belongs."""

from __future__ import annotations

import json
import pickle

import pytest

from flowops.secrets import Secret, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.redaction.documents import find_redactions
from flowops.systems.event_processing.redaction.sensitive import (
    is_sensitive_parameter,
    mask_option,
    mask_text,
    replacement_for,
)
from flowops.systems.protocol import BoundFlow, FlowState
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    filtered,
    node,
    read,
    render,
    sink,
    source,
    text_of,
)

MARK = "marker"
STATEMENT = """-- it isn't 'password' = 'marker-in-comment'
CREATE TABLE `a` ( `x` STRING ) WITH (
    'password' = 'marker''s password',
    'username'='marker-user',
    'url' = 'jdbc:mysql://marker-user:marker-word@db:3306/x?password=marker-query&a=b',
    'properties.sasl.jaas.config' = 'x.PlainLoginModule required
        username="marker-user" password="marker;\\"word";',
    'other' = 'x.ScramLoginModule required username="marker-u" password="marker-p";',
    'gid.connector.http.source.lookup.header.Authorization' = 'Basic marker',
    'http.source.lookup.header.X-Api-Key' = 'marker',
    'http.source.lookup.header.Accept' = 'application/json',
    'avro-confluent.basic-auth.user-info' = 'marker:marker',
    'properties.ssl.truststore.password' = 'marker',
    'properties.ssl.keystore.key' = '-----BEGIN PRIVATE KEY-----
marker
-----END PRIVATE KEY-----',
    'connector' = 'jdbc'
);
CREATE VIEW `b` AS SELECT 'jdbc:oracle:thin:marker/marker@db:1521/x' AS `y`;
CREATE FUNCTION f AS 'a.B' USING JAR 'https://marker@repo/x.jar';"""


def api() -> Json:
    def literal(value: str) -> Json:
        return {"kind": "literal", "value": value}

    operation = {
        "requestParameters": [
            {"name": "apikey", "in": "header", "input": literal("marker-1")},
            {"name": "X-Auth-Token", "in": "query", "input": literal("marker-2")},
            {"name": "version", "in": "query", "input": literal("2024")},
            {
                "name": "token",
                "in": "query",
                "input": {"kind": "column", "value": "`city`"},
            },
        ],
        "requestBodyParameters": {
            "parameters": [
                {"name": "auth/client_secret", "input": literal("marker-3")},
                {"name": "max_new_tokens", "input": literal("200")},
                {"name": "key", "input": literal("plain")},
            ]
        },
        "securityMethods": [
            {"type": "basic", "username": "marker-4", "password": "marker-5"},
            {"type": "apiKey", "name": "X", "value": "marker-6"},
        ],
    }
    return {
        "servers": [
            {
                "url": "https://marker:marker@api.example/x",
                "variables": [{"name": "access_token", "value": "marker-7"}],
            }
        ],
        "operations": [operation],
        "configuredUrl": "https://api.example/x?api_key=marker-8",
    }


PLANTED = document(
    source(credentials=CREDENTIALS, securityProtocol="SASL_SSL"),
    filtered("`city` <> 'https://marker:marker@x'"),
    node("call", "api", api()),
    node("sql", "sqlProcessor", {"statement": STATEMENT}),
    node(
        "database",
        "hologram",
        {"userName": "marker", "clientSecret": "marker", "pin": {"password": 12345}},
    ),
    sink(
        "flat",
        type="SASL",
        mechanism="PLAIN",
        username="marker-u",
        password="marker-p",
        ssl=True,
    ),
    sink("out", credentials=CREDENTIALS, securityProtocol="SASL_SSL"),
    edges=[
        ("readings", "chosen"),
        ("chosen", "out"),
        ("readings", "call"),
        ("readings", "sql"),
        ("readings", "database"),
        ("readings", "flat"),
    ],
)


def test_the_planted_flow_holds_many_markers() -> None:
    assert text_of(PLANTED).text.open().count(MARK) > 30


def test_no_marker_in_anything_that_can_be_shown() -> None:
    flow = read(PLANTED)
    bundle = render(flow)
    bound = BoundFlow(flow, settings=flow.settings)
    shown = [
        *(str(text) for text in bundle.files.values()),
        *map(repr, (flow, flow.body, bundle, bound, bundle.state())),
        *(repr(finding) + finding.message for finding in flow.findings),
        repr(event_processing.review(bound)),
        repr(event_processing.describe(bundle.state())),
        *(f"{s}{s.value}" for s in flow.settings),
    ]
    assert len(shown) > 10
    assert [text for text in shown if MARK in text or "12345" in text] == []


def test_markers_open_where_they_belong() -> None:
    flow = read(PLANTED)
    files = render(flow).files
    assert open_text(files["flow.json"]) == text_of(PLANTED).text.open()
    jaas = 'username="marker-username" password="marker-password";'
    assert open_text(files["flow.sql"]).count(jaas) == 2
    assert "https://marker:marker@x" in open_text(files["flow.sql"])
    config = " ".join(open_text(files["config.yaml"]).split())
    assert config.count(jaas) == 2
    assert 'username="marker-u" password="marker-p";' in config


def test_a_file_without_secrets_is_a_plain_text() -> None:
    files = render(read(document(source(), sink()))).files
    assert all(isinstance(text, str) for text in files.values())


def test_a_flow_cannot_be_pickled_with_its_secrets() -> None:
    with pytest.raises(TypeError, match="cannot be serialised"):
        pickle.dumps(read(PLANTED))


def test_only_sensitive_values_change_in_the_redacted_export() -> None:
    redacted = json.loads(str(render(read(PLANTED)).files["flow.json"]))
    nodes = redacted["contextState"]["nodes"]
    assert nodes[0]["configuration"]["credentials"]["data"] == {
        "username": "<username_redacted>",
        "password": "<password_redacted>",
        "mechanism": "SCRAM-SHA-512",
    }
    operation = nodes[2]["configuration"]["operations"][0]
    values = [p["input"]["value"] for p in operation["requestParameters"]]
    assert values == ["<value_redacted>", "<value_redacted>", "2024", "`city`"]
    body = operation["requestBodyParameters"]["parameters"]
    assert [p["input"]["value"] for p in body] == ["<value_redacted>", "200", "plain"]
    statement = nodes[3]["configuration"]["statement"]
    assert "'connector' = 'jdbc'" in statement
    assert "'http.source.lookup.header.Accept' = 'application/json'" in statement
    assert "jdbc:oracle:thin:<username_redacted>/<password_redacted>@db" in statement
    login = "<username_redacted>:<password_redacted>"
    assert (
        f"'jdbc:mysql://{login}@db:3306/x?password=<password_redacted>&a=b'"
        in statement
    )


def test_each_sensitive_place_is_told_once() -> None:
    flow = read(document(source(credentials=CREDENTIALS), node("call", "api", api())))
    found = [f for f in flow.findings if f.rule == "event-processing/secret-in-file"]
    assert len(found) == len({f.location for f in found}) == 11
    assert found[0].message == "readings holds the username in the clear"
    assert all(f.hint and f.address == flow.address for f in found)


@pytest.mark.parametrize("value", ["", "<password_redacted>", "<any_thing_redacted>"])
def test_what_is_redacted_or_empty_is_no_finding(value: str) -> None:
    data = {"username": value, "password": value, "mechanism": "PLAIN"}
    flow = read(document(source(credentials={"type": "SASL", "data": data})))
    assert flow.findings == ()


def test_redacting_twice_changes_nothing_more() -> None:
    once = str(render(read(PLANTED)).files["flow.json"])
    assert find_redactions(json.loads(once)) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("password", "<password_redacted>"),
        ("keyPassword", "<password_redacted>"),
        ("ssl.truststore.password", "<password_redacted>"),
        ("username", "<username_redacted>"),
        ("apiKey", "<value_redacted>"),
        ("aws.secret-key", "<value_redacted>"),
        ("key.format", ""),
        ("topic", ""),
        ("tokenUrl", ""),
        ("max_new_tokens", ""),
        ("properties.bootstrap.servers", ""),
    ],
)
def test_names_tell_what_is_sensitive(name: str, expected: str) -> None:
    assert replacement_for(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Authorization", True),
        ("X-API-Key", True),
        ("subscriptionkey", True),
        ("Set-Cookie", True),
        ("access_token", True),
        ("Accept", False),
        ("version", False),
        ("Content-Type", False),
        ("max_tokens", False),
    ],
)
def test_parameters_tell_what_is_sensitive(name: str, expected: bool) -> None:
    assert is_sensitive_parameter(name) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "`a` = 'b' AND `c` <> 'password'",
        "https://kafka.example:9092/path?x=1",
        "see https://example.com/a@b",
        "'password' = ''",
        "'password' = '<password_redacted>'",
        'a.LoginModule required username="" password="<password_redacted>";',
        "https://<username_redacted>:<password_redacted>@x",
        "doesn't = 'matter'",
    ],
)
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert mask_text(text).text == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('password="a\\"b";', 'password="<password_redacted>";'),
        ("password=''a b'';", "password=''<password_redacted>'';"),
        ("password=plain;", "password=<password_redacted>;"),
        ('password="cut off', 'password="<password_redacted>"'),
        (
            'clientSecret="a" clientId="b";',
            'clientSecret="<value_redacted>" clientId="b";',
        ),
        ('keyTab="/x" principal="y";', 'keyTab="/x" principal="y";'),
    ],
)
def test_login_lines_lose_their_secrets_only(value: str, expected: str) -> None:
    line = f"org.x.LoginModule required {value}"
    wanted = f"org.x.LoginModule required {expected}"
    assert mask_option("properties.sasl.jaas.config", line).text == wanted
    if "''" not in value:
        assert mask_text(line).text == wanted


def test_describe_masks_what_somebody_typed_into_a_target() -> None:
    line = 'x.ScramLoginModule required username="marker" password="marker";'
    files = {
        "flow.json": text_of(PLANTED).text.open(),
        "config.yaml": f"config:\n  readings:\n    t:\n      sasl.jaas.config: {line}\n"
        "      password: marker\n",
        "flow.sql": STATEMENT,
    }
    state = FlowState(read(PLANTED).address, files)
    assert MARK not in repr(event_processing.describe(state))


def test_a_secret_stays_one_in_every_setting() -> None:
    jaas = [s.value for s in read(PLANTED).settings if s.name.endswith("jaas.config")]
    assert len(jaas) == 4
    assert all(isinstance(value, Secret) for value in jaas)


@pytest.mark.parametrize(
    "name",
    ["sslpassword", "trustStorePassword", "client_secret", "authToken", "x-api-key"],
)
def test_secrets_of_other_names_in_an_address_are_hidden(name: str) -> None:
    masked = mask_text(f"jdbc:postgresql://db/x?a=b&{name}=marker;c=d")
    assert "marker" not in masked.text
    assert masked.text.startswith("jdbc:postgresql://db/x?a=b&")
    assert masked.text.endswith(";c=d")
