"""Which connector options each shape of an export leads to."""

from __future__ import annotations

import pytest

from flowops.secrets import Secret, Text, open_text
from flowops.systems.protocol import Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    PATH,
    Json,
    document,
    node,
    read,
    sink,
    source,
    text_of,
)

PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
FLAT: Json = {
    "type": "SASL",
    "mechanism": "PLAIN",
    "username": "marker-u",
    "password": "marker-p",
}
TLS_NAMES = {
    "properties.ssl.endpoint.identification.algorithm",
    "properties.ssl.truststore.certificates",
    "properties.ssl.truststore.type",
    "properties.tls.pemChainIncluded",
}


def settings_of(*nodes: Json, version: int = 9) -> dict[str, Text]:
    flow = read(document(*nodes, version=version))
    return {setting.name: setting.value for setting in flow.settings}


def test_a_source_without_security() -> None:
    flow = read(document(source()))
    assert [(s.node, s.table, s.name, s.value) for s in flow.settings] == [
        ("readings", "readings___TABLE", name, value)
        for name, value in [
            ("connector", "kafka"),
            ("format", "json"),
            ("json.ignore-parse-errors", "true"),
            ("properties.bootstrap.servers", "kafka.example:9092"),
            ("properties.isolation.level", "read_committed"),
            ("properties.security.protocol", "PLAINTEXT"),
            ("scan.startup.mode", "earliest-offset"),
            ("topic", "READINGS"),
        ]
    ]


def test_a_destination_has_no_options_of_a_source() -> None:
    flow = read(document(sink()))
    assert {s.table for s in flow.settings} == {"results"}
    assert [s.name for s in flow.settings] == [
        "connector",
        "format",
        "properties.bootstrap.servers",
        "properties.security.protocol",
        "topic",
    ]


def test_another_format_brings_no_json_options() -> None:
    names = settings_of(source(format="avro"))
    assert names["format"] == "avro"
    assert not [name for name in names if name.startswith("json.")]


def test_the_startup_mode_of_an_export_is_kept() -> None:
    values = settings_of(source(startUpMode="latest-offset"))
    assert values["scan.startup.mode"] == "latest-offset"


def test_several_servers_are_joined() -> None:
    values = settings_of(source(bootstrapServers=["a:1", "b:2"]))
    assert values["properties.bootstrap.servers"] == "a:1,b:2"


@pytest.mark.parametrize(
    ("mechanism", "module"),
    [
        ("PLAIN", "plain.PlainLoginModule"),
        ("SCRAM-SHA-256", "scram.ScramLoginModule"),
        ("SCRAM-SHA-512", "scram.ScramLoginModule"),
    ],
)
def test_the_login_is_one_secret(mechanism: str, module: str) -> None:
    data = {"username": "marker-u", "password": "marker-p", "mechanism": mechanism}
    values = settings_of(source(credentials={"type": "SASL", "data": data}))
    jaas = values["properties.sasl.jaas.config"]
    start = f"org.apache.kafka.common.security.{module} required "
    assert isinstance(jaas, Secret)
    assert str(jaas) == (
        f'{start}username="<username_redacted>" password="<password_redacted>";'
    )
    assert jaas.open() == f'{start}username="marker-u" password="marker-p";'
    assert values["properties.sasl.mechanism"] == mechanism


@pytest.mark.parametrize(
    ("version", "shape"),
    [
        (3, {**FLAT, "ssl": True, "certs": [{"pem": PEM}]}),
        (5, {**FLAT, "truststoreCertificates": [{"pem": PEM}]}),
        (
            6,
            {
                "credentials": {"type": "SASL", "data": FLAT},
                "truststoreCertificates": [{"pem": PEM}],
            },
        ),
    ],
)
def test_all_shapes_of_a_login_mean_the_same(version: int, shape: Json) -> None:
    extra = {} if version == 3 else {"securityProtocol": "SASL_SSL"}
    plain = sink()
    del plain["configuration"]["securityProtocol"]  # type: ignore[attr-defined]
    plain["configuration"] |= {**shape, **extra}  # type: ignore[operator]
    values = settings_of(plain, version=version)
    assert values["properties.security.protocol"] == "SASL_SSL"
    assert values["properties.ssl.truststore.certificates"] == PEM + "\n"
    assert values.keys() >= TLS_NAMES
    assert "marker-p" in open_text(values["properties.sasl.jaas.config"])


@pytest.mark.parametrize(
    ("shape", "protocol"),
    [
        ({"ssl": False}, "PLAINTEXT"),
        ({"ssl": True}, "SSL"),
        ({"ssl": False, **FLAT}, "SASL_PLAINTEXT"),
        ({"ssl": True, **FLAT}, "SASL_SSL"),
        ({"ssl": True, "type": "SASL", "username": "", "password": ""}, "SSL"),
        ({"ssl": True, "type": "none"}, "SSL"),
        ({}, "PLAINTEXT"),
        ({"certs": [{"pem": PEM}]}, "SSL"),
    ],
)
def test_the_oldest_shape_does_not_name_its_protocol(
    shape: Json, protocol: str
) -> None:
    old = node("old", "sink", {"topic": "T", "bootstrapServers": ["k:1"], **shape})
    values = settings_of(old, version=3)
    assert values["properties.security.protocol"] == protocol
    assert ("properties.sasl.jaas.config" in values) is protocol.startswith("SASL")


def test_certificates_are_joined_as_the_product_does() -> None:
    pems = [{"pem": f"{PEM}\n"}, {"pem": PEM}, {"pem": ""}]
    values = settings_of(
        source(securityProtocol="SSL", truststoreCertificates=pems),
    )
    bundle = values["properties.ssl.truststore.certificates"]
    assert bundle == f"{PEM}\n,{PEM}\n"
    assert values["properties.ssl.truststore.type"] == "PEM"
    assert values["properties.tls.pemChainIncluded"] == "false"
    assert values["properties.ssl.endpoint.identification.algorithm"] == ""


def test_no_truststore_without_certificates() -> None:
    values = settings_of(source(securityProtocol="SASL_SSL"))
    assert TLS_NAMES & values.keys() == {
        "properties.ssl.endpoint.identification.algorithm"
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"securityProtocol": "SSL", "certificatesAccepted": True}, True),
        ({"securityProtocol": "SSL", "certificatesAccepted": False}, False),
        ({"securityProtocol": "PLAINTEXT", "certificatesAccepted": True}, False),
        (
            {
                "securityProtocol": "SSL",
                "certificatesAccepted": True,
                "truststoreCertificates": [{"pem": PEM}],
            },
            False,
        ),
    ],
)
def test_any_certificate_is_trusted_only_without_one(
    changes: Json, expected: bool
) -> None:
    flow = read(document(source(**changes)))
    names = {s.name: s.value for s in flow.settings}
    assert ("properties.ssl.engine.factory.class" in names) is expected
    assert [f.rule for f in flow.findings] == (
        ["event-processing/trust-all"] if expected else []
    )
    if expected:
        found = names["properties.ssl.engine.factory.class"]
        assert found == "com.ibm.ep.kafka.ssl.TrustAll"


@pytest.mark.parametrize(
    "credentials",
    [
        {"type": "OAUTH", "data": {"username": "a", "password": "b"}},
        {"type": "SASL", "data": {"username": "a", "password": "b", "mechanism": "X"}},
    ],
)
def test_a_login_of_another_kind_is_warned_about(credentials: Json) -> None:
    flow = read(document(source(credentials=credentials)))
    rules = [f.rule for f in flow.findings]
    assert "event-processing/unknown-login" in rules
    assert "properties.sasl.jaas.config" not in {s.name for s in flow.settings}


def test_every_option_knows_its_place() -> None:
    value = document(
        source(
            credentials=CREDENTIALS,
            securityProtocol="SASL_SSL",
            truststoreCertificates=[{"pem": PEM}],
            startUpMode="latest-offset",
        )
    )
    lines = text_of(value).text.open().splitlines()

    def line(setting: Setting) -> str:
        assert setting.origin.path == PATH
        return lines[setting.origin.line - 1].strip()

    found = {s.name: line(s) for s in read(value).settings}
    assert found["topic"] == '"topic": "READINGS",'
    assert found["format"] == '"format": "json",'
    assert found["scan.startup.mode"] == '"startUpMode": "latest-offset"'
    assert found["properties.bootstrap.servers"] == '"bootstrapServers": ['
    assert found["properties.security.protocol"].startswith('"securityProtocol"')
    assert found["properties.sasl.jaas.config"].startswith('"password"')
    assert found["properties.ssl.truststore.type"].startswith('"truststoreCert')


def test_options_of_one_flow_stand_in_the_order_of_its_nodes() -> None:
    flow = read(document(sink("b"), source("a"), edges=[("a", "b")]))
    assert [*dict.fromkeys(s.node for s in flow.settings)] == ["b", "a"]
