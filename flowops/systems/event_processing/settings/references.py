"""What a stream flow names outside itself: topics, brokers, tables, hosts, functions.

The placeholder of a redacted value is a reference to a secret, which an environment
has to set; no target lists those.

Each is an option of a connector, or a function a SQL text declares, and stands for
itself: the name is the value. The places of options are ``config``, node, table and
property, as in config.yaml. ``topic`` may list several, with semicolons between them
(the Kafka SQL connector of Flink, "Topic List"); each is a reference of its own. A
``topic-pattern`` names no topic, so nothing is looked up for it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.model import Reference, ReferenceForm
from flowops.secrets import Secret, open_text
from flowops.systems.event_processing.redaction.sensitive import placeholders_in
from flowops.systems.event_processing.settings.connectors import (
    CONNECTOR,
    SERVERS,
    TOPIC,
)
from flowops.systems.event_processing.sql.scripts import (
    FUNCTION,
    read_script,
    unquote_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowops.model import Location
    from flowops.systems.protocol import Setting

CONFIG = "config"
TOPIC_KIND, BROKER, JDBC_TABLE, API_HOST, SUBJECT, FUNCTION_KIND = (
    "topic",
    "broker",
    "jdbc-table",
    "api-host",
    "registry-subject",
    "function",
)
SECRET = "secret"
KINDS = (TOPIC_KIND, BROKER, JDBC_TABLE, API_HOST, SUBJECT, FUNCTION_KIND)
TOPIC_DIVIDER = ";"
_HTTP = frozenset(("http", "http-sink", "http-async-sink", "rest-lookup"))
_SUBJECT = re.compile(r"(?:[\w-]+\.)*(?:avro|json)-[\w-]+\.subject")
_HOST = re.compile(r"\A[a-z][a-z0-9+.-]*://(?:[^/@]*@)?([^/?#]+)", re.IGNORECASE)


def option_references(settings: Iterable[Setting]) -> Iterator[Reference]:
    """Give a reference for each option that names something of an instance."""
    found = list(settings)
    for setting in found:
        yield from _secret(setting)
    connectors = {(s.node, s.table): str(s.value) for s in found if s.name == CONNECTOR}
    for setting in found:
        if isinstance(setting.value, Secret) or not setting.value:
            continue
        kind = _kind(setting, connectors.get((setting.node, setting.table), ""))
        if kind == API_HOST:
            yield from _host(setting, setting.value)
        elif kind == TOPIC_KIND:
            listed = replace(_reference(setting, kind, ""), divider=TOPIC_DIVIDER)
            yield from listed.among(setting.value)
        elif kind:
            yield _reference(setting, kind, setting.value)


def function_references(
    node: str, statement: str, location: Location
) -> Iterator[Reference]:
    """Give a reference for each class a SQL text makes a function of.

    One that comes with the text, in a jar or in Python, is nothing of an instance.
    """
    script = read_script(statement)
    if any(found.verb == "ADD" for found in script):
        return
    for found in script:
        if {"USING", "PYTHON"} & {t.upper for t in found.tokens if t.kind == "word"}:
            continue
        texts = [token.text for token in found.tokens if token.kind == "text"]
        if found.makes == FUNCTION and texts:
            name = unquote_text(texts[0])
            path = ("sql", node, found.name, "class")
            form = ReferenceForm.LITERAL
            given = (FUNCTION_KIND, path, name, form, node, location)
            yield Reference(*given, key=name, name=name)


def _kind(setting: Setting, connector: str) -> str:
    if setting.name == TOPIC:
        return TOPIC_KIND
    if setting.name == SERVERS:
        return BROKER
    if setting.name == "table-name" and connector == "jdbc":
        return JDBC_TABLE
    if setting.name == "url" and connector in _HTTP:
        return API_HOST
    return SUBJECT if _SUBJECT.fullmatch(setting.name) else ""


def _reference(
    setting: Setting, kind: str, value: str, span: tuple[int, int] | None = None
) -> Reference:
    path = (CONFIG, setting.node, setting.table, setting.name)
    return Reference(
        *(kind, path, value, ReferenceForm.LITERAL, setting.node, setting.origin),
        key=value,
        name=value,
        span=span,
    )


def _secret(setting: Setting) -> Iterator[Reference]:
    """Give the placeholder of an option; of several the last, which is the password."""
    if placeholders := placeholders_in(open_text(setting.value)):
        yield _reference(setting, SECRET, placeholders[-1])


def _host(setting: Setting, url: str) -> Iterator[Reference]:
    if match := _HOST.match(url):
        yield _reference(setting, API_HOST, match[1], match.span(1))
