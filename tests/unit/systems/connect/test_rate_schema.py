"""The schema takes the rates that a target takes, and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowops.documents.source import source_text
from flowops.documents.yaml_text import parse_yaml, plain
from flowops.errors import InputError
from flowops.model import Location
from flowops.schema import schema_text
from flowops.systems.connect import open_target
from flowops.systems.connect.rates import DEFAULT_BURST, DEFAULT_RATE
from flowops.systems.protocol import TargetSettings
from tests.support.builders import environment_from
from tests.support.contact_flows import INSTANCE

HEAD = f'targets: {{connect: {{kind: amazon-connect, instance: "{INSTANCE}"'


def is_taken(text: str) -> bool:
    """Tell whether a target can be opened with what an environment says."""
    layer = environment_from(text).targets["connect"]
    place = Location("environments/this.yaml")
    settings = TargetSettings(
        "connect", layer.kind, layer.values, place, Path(), "this"
    )
    try:
        open_target(settings)
    except InputError:
        return False
    return True


def problems(text: str) -> list[Any]:
    schema = json.loads(schema_text("environment"))
    value = plain(parse_yaml(source_text("this.yaml", text)))
    return list(Draft202012Validator(schema).iter_errors(value))


@pytest.mark.parametrize("key", ["rate", "burst"])
@pytest.mark.parametrize(
    "value",
    [
        *("1", "10", "999999", '"7"', "'007'", "~"),
        *("0", "-1", "1000000", "true", "fast", "nan", ".inf", '"0"', '"1e3"', '" 5"'),
        *("0.5", "2.0", '"0.5"', '"0.0"', '"2."', "0.0"),
    ],
)
def test_what_the_schema_takes_opens_a_target(key: str, value: str) -> None:
    text = f"{HEAD}, {key}: {value}}}}}"
    # YAML knows 2.0 as a whole number, and a burst as it is typed is not one.
    if (key, value) != ("burst", "2.0"):
        assert is_taken(text) is not bool(problems(text)), text


def test_a_rate_may_be_a_template() -> None:
    text = f'variables: {{r: 4}}\n{HEAD}, rate: "{{{{ r }}}}"}}}}'
    assert is_taken(text)
    assert problems(text) == []


def test_the_schema_says_what_amazon_connect_begins_with() -> None:
    schema = json.loads(schema_text("environment"))
    found = schema["properties"]["targets"]["properties"]["connect"]["properties"]
    assert found["rate"]["default"] == DEFAULT_RATE
    assert found["burst"]["default"] == DEFAULT_BURST
