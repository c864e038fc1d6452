"""The shape and the order of config.yaml."""

from __future__ import annotations

from dataclasses import replace

from flowops.documents.source import source_text
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.model import Location
from flowops.secrets import Secret, Text, open_text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    document,
    read,
    render,
    sink,
    source,
)

# The layout of the example in "Deploying jobs customized for production or test
# environments"; names, hosts and topics are our own.
EXPECTED = """\
config:
  readings:
    readings___TABLE:
      properties.sasl.jaas.config: MODULE
        required username="<username_redacted>" password="<password_redacted>";
      connector: kafka
      format: json
      json.ignore-parse-errors: 'true'
      properties.bootstrap.servers: kafka.example:9092
      properties.isolation.level: read_committed
      properties.sasl.mechanism: SCRAM-SHA-512
      properties.security.protocol: SASL_SSL
      properties.ssl.endpoint.identification.algorithm: ''
      scan.startup.mode: earliest-offset
      topic: READINGS
  results:
    results:
      properties.sasl.jaas.config: MODULE
        required username="<username_redacted>" password="<password_redacted>";
      connector: kafka
      format: json
      properties.bootstrap.servers: kafka.example:9092
      properties.sasl.mechanism: SCRAM-SHA-512
      properties.security.protocol: SASL_SSL
      properties.ssl.endpoint.identification.algorithm: ''
      topic: RESULTS
""".replace("MODULE", "org.apache.kafka.common.security.scram.ScramLoginModule")
SECURE = {"credentials": CREDENTIALS, "securityProtocol": "SASL_SSL"}


def test_the_documented_shape() -> None:
    files = render(read(document(source(**SECURE), sink(**SECURE)))).files
    assert str(files["config.yaml"]) == EXPECTED


def test_the_opened_form_has_the_logins() -> None:
    config = render(read(document(source(**SECURE), sink()))).files["config.yaml"]
    assert isinstance(config, Secret)
    assert 'password="marker-password";' in " ".join(config.open().split())
    opened = plain(parse_yaml(source_text("x", config.open())))
    visible = plain(parse_yaml(source_text("x", str(config))))
    assert isinstance(opened, dict)
    assert isinstance(visible, dict)
    assert opened["config"].keys() == visible["config"].keys()


def test_sensitive_options_come_first() -> None:
    flow = read(document(source()))
    place = Location("environments/production.yaml", 3, 5)
    added: list[tuple[str, Text]] = [
        ("properties.zz", Secret("a", "<value_redacted>")),
        ("properties.aa", 'b "<password_redacted>"'),
        ("properties.ssl.truststore.password", "typed in the clear"),
    ]
    settings = tuple(
        Setting("readings", "readings___TABLE", name, value, place)
        for name, value in added
    )
    bound = BoundFlow(flow, settings=(*flow.settings, *settings))
    config = event_processing.render(bound).files["config.yaml"]
    names = [
        line.split(":")[0].strip() for line in str(config).splitlines() if ": " in line
    ]
    assert names[:4] == [
        "properties.aa",
        "properties.ssl.truststore.password",
        "properties.zz",
        "connector",
    ]
    assert names[3:] == sorted(names[3:])
    assert "typed in the clear" not in str(config)
    assert "typed in the clear" in open_text(config)


def test_nodes_stand_in_the_order_of_the_flow_whatever_that_of_the_settings() -> None:
    flow = read(document(source("b"), sink("a")))
    shuffled = BoundFlow(flow, settings=tuple(reversed(flow.settings)))
    straight = BoundFlow(flow, settings=flow.settings)
    one, other = (
        event_processing.render(bound).files["config.yaml"]
        for bound in (shuffled, straight)
    )
    assert one == other
    assert str(one).index("  b:") < str(one).index("  a:")


def test_a_value_can_be_any_text() -> None:
    flow = read(document(source()))
    odd = 'line\nend: "x" # \u2028 \u00e9 {{ y }}'
    settings = tuple(
        replace(s, value=odd) if s.name == "topic" else s for s in flow.settings
    )
    config = event_processing.render(BoundFlow(flow, settings=settings))
    text = str(config.files["config.yaml"])
    found = plain(parse_yaml(source_text("x", text)))
    assert isinstance(found, dict)
    assert found["config"]["readings"]["readings___TABLE"]["topic"] == odd


def test_a_flow_without_connectors_has_an_empty_config() -> None:
    assert str(render(read(document())).files["config.yaml"]) == "config: {}\n"
