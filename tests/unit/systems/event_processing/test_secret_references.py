"""A placeholder is a reference to a secret, which an environment has to set."""

from __future__ import annotations

import pytest

from flowops.bind import Binder, binding_findings
from flowops.model import BindingState
from flowops.overlays.flow_overlay import read_overlays
from flowops.systems import event_processing
from flowops.systems.event_processing.settings.references import KINDS
from flowops.systems.protocol import BoundFlow, Flow
from tests.support.builders import environment_from
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    read,
    sink,
    source,
)

JAAS = "properties.sasl.jaas.config"
FILLED = """
secrets: {password: {env: KAFKA_PASSWORD}}
flows:
  "*":
    config:
      readings:
        "*": {JAAS: 'x required password="{{ password }}";'}
""".replace("JAAS", JAAS)
LEFT = FILLED.replace("{{ password }}", "<password_redacted>")
GONE = f"flows: {{Weather: {{config: {{readings: {{'*': {{{JAAS}: null}}}}}}}}}}"


def redacted() -> Flow:
    data: Json = {
        "username": "<username_redacted>",
        "password": "<password_redacted>",
        "mechanism": "PLAIN",
    }
    login: Json = {"type": "SASL", "data": data}
    start = source(credentials=login, securityProtocol="SASL_SSL")
    return read(document(start, sink()))


def bound(environment: str, flow: Flow, **values: str) -> BoundFlow:
    loaded = environment_from(environment, variables=values)
    return Binder(read_overlays(loaded), None, {}).bind(flow)


def secrets(found: BoundFlow) -> list[tuple[str, str, str]]:
    return [
        (b.value, str(b.state), b.evidence)
        for b in found.bindings
        if b.reference.kind == "secret"
    ]


def test_a_placeholder_is_a_reference_at_its_place() -> None:
    (found,) = [r for r in redacted().references if r.kind == "secret"]
    assert found.path == ("config", "readings", "readings___TABLE", JAAS)
    assert found.value == "<password_redacted>"
    assert found.location.line > 1
    assert "secret" not in KINDS


def test_a_live_password_is_none() -> None:
    flow = read(document(source(credentials=CREDENTIALS), sink()))
    assert "secret" not in {reference.kind for reference in flow.references}


def test_nothing_fills_it() -> None:
    words = "nothing of the environment fills it"
    expected = [("<password_redacted>", "unchecked", words)]
    assert secrets(bound("{}", redacted())) == expected
    assert secrets(bound(LEFT, redacted())) == expected
    assert secrets(bound(GONE, redacted())) == []


@pytest.mark.parametrize("values", [{}, {"KAFKA_PASSWORD": "marker-password"}])
def test_a_secret_of_the_environment_fills_it(values: dict[str, str]) -> None:
    """Also where its source has no value here, as that is told of the secret."""
    found = bound(FILLED, redacted(), **values)
    ((value, state, evidence),) = secrets(found)
    assert (value, state) == ('x required password="<password_redacted>";', "resolved")
    assert evidence.startswith("environments/this.yaml:7")
    assert "marker" not in repr(found)
    assert {b.state for b in found.bindings} <= {
        BindingState.RESOLVED,
        BindingState.UNCHECKED,
    }


def test_one_that_is_left_is_told_once() -> None:
    found = bound("{}", redacted())
    assert [*binding_findings(found)] == []
    rules = [f.rule for f in event_processing.review(found)]
    assert rules.count("event-processing/login-redacted") == 1
    assert "event-processing/placeholder" not in rules
