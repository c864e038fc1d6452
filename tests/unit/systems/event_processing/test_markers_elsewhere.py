"""Markers in SQL and zip exports, in every dialect and form, and after a redaction."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.documents.archive import zip_bytes
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.compiler.dialects import PRODUCT
from flowops.systems.event_processing.redaction.exports import redact_export
from flowops.systems.event_processing.sql.retarget import retargeted
from flowops.systems.protocol import BoundFlow
from tests.unit.systems.event_processing.builders import text_of
from tests.unit.systems.event_processing.test_redaction import (
    MARK,
    PLANTED,
    STATEMENT,
)

REGISTRY = """
CREATE TABLE `r` ( `x` STRING ) WITH (
    'connector' = 'kafka', 'topic' = 'T', 'format' = 'avro-confluent',
    'avro-confluent.url' = 'https://marker:marker@registry.example',
    'avro-confluent.basic-auth.credentials-source' = 'USER_INFO',
    'avro-confluent.basic-auth.user-info' = 'marker:marker',
    'avro-confluent.bearer-auth.token' = 'marker',
    'value.avro-confluent.ssl.keystore.password' = 'marker'
);
CREATE TABLE `h` ( `x` STRING ) WITH (
    'connector' = 'rest-lookup', 'url' = 'https://api.example/x?api_key=marker',
    'gid.connector.http.source.lookup.header.X-Auth-Token' = 'marker',
    'gid.connector.http.security.oidc.token.request' = 'client_secret=marker',
    'gid.connector.http.source.lookup.proxy.password' = 'marker'
);
CREATE TABLE `o` ( `x` STRING ) WITH (
    'connector' = 'jdbc', 'url' = 'jdbc:oracle:thin:marker/marker@db:1521/x',
    'username' = 'marker', 'password' = 'marker'
);
-- jaas: x.ScramLoginModule required password="marker";
INSERT INTO `o` SELECT `x` FROM `r`;
"""
SQL = STATEMENT + REGISTRY
CONFIG = """config:
  readings:
    readings___TABLE:
      connector: kafka
      properties.sasl.jaas.config: x.PlainLoginModule required username="marker"
        password="marker";
      properties.ssl.keystore.key: marker
  sql:
    a:
      password: marker
      url: jdbc:mysql://marker:marker@db/x
      http.source.lookup.header.Authorization: Basic marker
"""
ZIP = zip_bytes(
    {"flow.json": text_of(PLANTED).text.open().encode(), "config.yaml": CONFIG.encode()}
)
FILES = {"a.sql": SQL.encode(), "a.zip": ZIP}
TARGETS = [
    {},
    {"version": "1.1.4"},
    {"import": "true"},
    {"kind": "flink", "dialect": PRODUCT},
]


@pytest.mark.parametrize("target", TARGETS, ids=str)
@pytest.mark.parametrize("name", FILES)
def test_no_marker_in_anything_that_can_be_shown(
    name: str, target: Mapping[str, str]
) -> None:
    flow = event_processing.read_file(name, FILES[name])
    bound = BoundFlow(flow, settings=flow.settings, target=target)
    bundle = event_processing.render(bound)
    shown = [
        *map(str, bundle.files.values()),
        *map(repr, (flow, flow.body, bundle, bound, bundle.findings)),
        repr(event_processing.review(bound)),
        repr(event_processing.describe(bundle.state())),
        repr([(s, str(s.value)) for s in flow.settings]),
        repr(flow.references),
    ]
    assert [text[:80] for text in shown if MARK in text] == []
    assert any(MARK in open_text(text) for text in bundle.files.values())


@pytest.mark.parametrize("name", FILES)
def test_a_redacted_file_has_none_and_redacting_it_again_changes_nothing(
    name: str,
) -> None:
    once = redact_export(name, FILES[name])
    assert once.hidden
    assert all(hidden.location.line for hidden in once.hidden)
    assert MARK not in repr([hidden.words for hidden in once.hidden])
    contents = [once.data]
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(once.data)) as opened:
            contents = [opened.read(member) for member in opened.namelist()]
    assert all(MARK.encode() not in data for data in contents)
    assert redact_export(name, once.data).data == once.data
    again = event_processing.read_file(name, once.data)
    assert not [f for f in again.findings if f.rule.endswith("secret-in-file")]


NAMES = st.sampled_from(["topic", "password", "url", "a'b", "x"])
VALUES = st.text(st.sampled_from("ab'`\n;, =)"), max_size=8)


@given(
    st.dictionaries(st.sampled_from(["a", "r", "o"]), st.dictionaries(NAMES, VALUES))
)
def test_an_export_put_on_a_target_twice_is_as_after_once(
    tables: dict[str, dict[str, str]],
) -> None:
    once = open_text(retargeted(SQL, tables))
    assert open_text(retargeted(once, tables)) == once
