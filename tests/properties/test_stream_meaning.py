"""A stream flow means what its files mean, though a plan does not read them anew.

Nor does it make anew what another environment had made of the same flow: whatever
was asked of it before, a flow gives what it gives when it was just read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowops.errors import InputError
from flowops.model import Binding, BindingState, Location
from flowops.project import WorkingTree, read_flow
from flowops.secrets import Secret, Text, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.sql.statements import by_table
from flowops.systems.event_processing.sql.text import (
    Token,
    split_statements,
    split_tokens,
    unquote_name,
)
from flowops.systems.protocol import BoundFlow, Bundle, Flow, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    filtered,
    kept,
    made,
    node,
    read,
    sink,
    source,
    transform,
)

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "event_processing" / "json"
FILES = (
    *sorted((ROOT / "flows" / "event_processing").glob("*.json")),
    *sorted((ROOT / "tests/golden/event_processing").glob("*/export.json")),
    *sorted(CORPUS.glob("*.json")),
)
PLACE = Location("environments/production.yaml", 4, 3)
JAAS = 'org.apache.ScramLoginModule required username="u" password="in-the-clear";'
PEM = "-----BEGIN CERTIFICATE-----\nZGV2ZWxvcG1lbnQ=\n-----END CERTIFICATE-----\n"

words = st.sampled_from(
    [
        *("", "a", "a b", "é", "on", "null", "true", "1", "- a", "a: b", "x/y~z", "<<"),
        *("it's", 'a "b"', "a;b", "--", "/*", "'k' = 'v'", "`", "a\nb", " a", "\ufeff"),
        *("kafka.dev:9093", "<password_redacted>", "x" * 90, JAAS, PEM, "\x85", "a\r"),
        *("TO_TIMESTAMP_UDF(`a`)", "-----BEGIN PRIVATE KEY-----\na", "http://u:p@h/"),
    ]
)
texts = words | st.text(max_size=5)


@st.composite
def secrets(draw: st.DrawFn) -> Secret:
    """Return one of many secrets that all look alike."""
    value = draw(st.sampled_from(["one", "two", "three's", "four;"]))
    return Secret(value, "<password_redacted>")


names = st.sampled_from(
    [
        *("properties.bootstrap.servers", "topic", "properties.sasl.jaas.config"),
        *("properties.security.protocol", "properties.x", "password", "a b/c", "null"),
        *("properties.ssl.truststore.certificates", "scan.startup.mode", "format"),
    ]
)
targets: st.SearchStrategy[Mapping[str, Text]] = st.sampled_from(
    [
        *({}, {}, {"dialect": "flink"}, {"version": "1.1.4"}, {"import": "true"}),
        *({"kind": "flink"}, {"version": "1.5.3", "import": "true"}),
    ]
)


@st.composite
def environments(draw: st.DrawFn, flow: Flow) -> BoundFlow:
    """Return a flow with other values for some options, and some gone or new."""
    found = {(s.node, s.table, s.name): s for s in flow.settings}
    for key in draw(st.lists(st.sampled_from([*found]), max_size=3)) if found else ():
        value = draw(texts | secrets())
        found[key] = Setting(*key, value, PLACE)
        if draw(st.integers(0, 7)) == 0:
            del found[key]
    tables = sorted({key[:2] for key in found})
    for table in draw(st.lists(st.sampled_from(tables), max_size=2)) if tables else ():
        key = (*table, draw(names))
        found[key] = Setting(*key, draw(texts | secrets()), PLACE)
    state = BindingState.RESOLVED
    answers = tuple(
        Binding(reference, state, draw(texts), "test")
        for reference in flow.references
        if draw(st.integers(0, 3)) == 0
    )
    return BoundFlow(flow, answers, tuple(found.values()), target=draw(targets))


def outcome(bound: BoundFlow) -> tuple[object, ...]:
    """Return all that a plan and a promote get of a flow, secrets opened."""
    found = event_processing.review(bound)
    try:
        bundle = event_processing.render(bound)
    except InputError as error:
        return found, str(error)
    files = [(n, type(t), str(t), open_text(t)) for n, t in bundle.files.items()]
    meaning = meant(partial(event_processing.describe_bundle, bound, bundle))
    return found, files, replace(bundle, files={}), meaning


def meant(describe: Callable[[], object]) -> object:
    try:
        return describe()
    except InputError as error:
        return str(error)


def agrees(bound: BoundFlow, bundle: Bundle) -> bool:
    known = meant(partial(event_processing.describe_bundle, bound, bundle))
    return known == meant(partial(event_processing.describe, bundle.state()))


def hold(draw: st.DataObject, make: Callable[[], Flow]) -> None:
    """Ask one flow for several environments, and one that was just read for each."""
    used = make()
    bounds = [draw.draw(environments(used)) for _ in range(3)]
    for bound in (*bounds, bounds[0]):
        assert outcome(bound) == outcome(replace(bound, flow=make()))
        try:
            bundle = event_processing.render(bound)
        except InputError:
            continue
        assert agrees(bound, bundle)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + path.name)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_file_means_what_its_render_means(path: Path, data: st.DataObject) -> None:
    def make() -> Flow:
        return read_flow(path.name, WorkingTree(path.parent))

    hold(data, make)


sql = st.sampled_from(
    [
        "CREATE TABLE `t` (`city` STRING) WITH ('connector' = 'kafka', 'topic' = 'x')",
        "create table t (city STRING) with ('connector'='jdbc','password'='in clear');",
        "CREATE TEMPORARY VIEW `v` AS SELECT `city` FROM `readings`; -- it's done",
        "CREATE FUNCTION f AS 'a.B'; CREATE VIEW v AS SELECT f(city) FROM readings",
        "CREATE TEMPORARY VIEW `a``b` AS SELECT TO_TIMESTAMP_UDF(`city`) FROM t;",
        "CREATE TABLE `t` ('",
        "",
    ]
)
expressions = st.sampled_from(
    ["`degrees` > 1", "`city` = 'it''s'", "city = ';'", "a /* ; */", "b -- c", "'", ""]
)
labels = st.sampled_from(["readings", "results", "a b", "é", "null", "x/y", "a`b", "'"])


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """Return a flow of a source, up to three nodes in a row, and a destination."""
    title = draw(st.sampled_from(["readings", "a b", "é", "on", "x/y~z", "a`b", "1"]))
    login = {"credentials": CREDENTIALS} if draw(st.booleans()) else {}
    kinds: list[Callable[[str], Json]] = [
        lambda name: filtered(draw(expressions), name),
        lambda name: transform(kept("city"), made("x", draw(expressions)), name=name),
        lambda name: node(name, "sqlProcessor", {"statement": draw(sql)}),
        lambda name: node(name, "sqlSource", {"statement": draw(sql)}),
        lambda name: node(name, "other", {"url": "http://u:p@h/", "n": [1, {}, None]}),
    ]
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=3))
    between = [kind(f"{draw(labels)} {i}") for i, kind in enumerate(chosen)]
    statement: Json = {"statement": draw(sql)}
    last = draw(st.sampled_from([sink(**login), node("out", "sqlSink", statement)]))
    return document(source(title, **login), *between, last)


@settings(deadline=None)
@given(documents(), st.data())
def test_a_flow_means_what_its_render_means(drawn: Json, data: st.DataObject) -> None:
    hold(data, lambda: read(json.loads(json.dumps(drawn))))


def test_a_secret_is_never_taken_for_another_that_looks_like_it() -> None:
    flow = read(document(source(), sink()))
    key = ("results", "results", "properties.sasl.jaas.config")
    for value in ("one", "two"):
        hidden = Setting(*key, Secret(value, "<password_redacted>"), PLACE)
        bound = BoundFlow(flow, settings=(*flow.settings, hidden))
        bundle = event_processing.render(bound)
        for name in ("flow.sql", "config.yaml"):
            assert value in open_text(bundle.files[name])
            assert value not in str(bundle.files[name])


@pytest.mark.parametrize("word", ["kafka-one:9092", JAAS])
def test_each_environment_gets_its_own(word: str) -> None:
    flow = read(document(source(), sink()))
    name = "properties.bootstrap.servers"
    own = [setting for setting in flow.settings if setting.name != name]
    tables = (("readings", "readings___TABLE"), ("results", "results"))
    for value in ("kafka-zero:9092", word, "kafka-two:9092", word):
        changed = [Setting(*table, name, value, PLACE) for table in tables]
        for target in ({}, {"version": "1.1.4"}, {"dialect": "flink"}):
            bound = BoundFlow(flow, settings=(*own, *changed), target=target)
            fresh = replace(bound, flow=read(document(source(), sink())))
            assert outcome(bound) == outcome(fresh)
            assert "in-the-clear" not in str(outcome(bound)[3])


def test_another_export_of_a_flow_is_read() -> None:
    """Files that are not the ones that were just made are read as they are."""
    flow = read(document(source(), sink()))
    bound = BoundFlow(flow, settings=flow.settings)
    bundle = event_processing.render(bound)
    for name in ("flow.json", "config.yaml"):
        changed = str(bundle.files[name]).replace("RESULTS", "OTHERS")
        other = replace(bundle, files={**bundle.files, name: changed})
        assert agrees(bound, other)
        assert event_processing.describe_bundle(bound, other) != (
            event_processing.describe_bundle(bound, bundle)
        )


PIECES = st.sampled_from(
    [
        *("'", "''", "`", "``", "--", "-", "/*", "*/", "*", "/", ";", ";", "\n", "\r"),
        *(" ", "a", "CREATE", "TABLE", "TEMPORARY", "VIEW", "INTO", "INSERT", "AS"),
        *("END", "IF NOT EXISTS", "`x y`", "'a;b'", "1.5", "<=", "||", "\ufeff", "é"),
        *("CREATE TABLE `t`", "CREATE TEMPORARY VIEW `v`", "SELECT", "\x85", "\\"),
    ]
)


def of_table(tokens: list[Token]) -> tuple[int, str]:
    """Return what a statement is about, by all of its tokens."""
    start = tokens[0].start
    for index, token in enumerate(tokens):
        if token.upper == "INSERT":
            start = token.start
        if token.upper in ("TABLE", "VIEW", "INTO"):
            rest = [t for t in tokens[index + 1 :] if t.upper not in BETWEEN]
            return start, unquote_name((rest or [token])[0].text)
        if token.upper in ("AS", "SELECT", "WITH"):
            break
    return start, ""


BETWEEN = ("IF", "NOT", "EXISTS")


@settings(max_examples=1000)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["", " "]))
def test_statements_are_cut_where_their_tokens_end(
    pieces: list[str], between: str
) -> None:
    script = between.join(pieces)
    found: list[tuple[list[Token], int]] = [*split_tokens(script)]
    expected = [script[t[0].start : end].rstrip() for t, end in found]
    assert split_statements(script) == expected
    groups: dict[str, Any] = {}
    for tokens, end in found:
        start, name = of_table(tokens)
        text = script[start:end].rstrip()
        if text.upper() != "END":
            groups[name] = (*groups.get(name, ()), text)
    assert by_table(script) == groups
