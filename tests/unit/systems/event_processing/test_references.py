"""What a stream flow refers to, how that is answered, and what exports ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowops.bind import Binder, binding_findings
from flowops.errors import InputError
from flowops.model import BindingState, Inventory, Location, Reference
from flowops.overlays.environment import Sources, load_environment
from flowops.overlays.flow_overlay import FlowOverlays, read_overlays
from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.pipeline import Pipeline
from flowops.systems.event_processing.settings.applied import applied_settings
from flowops.systems.event_processing.settings.prerequisites import SQL, ZIP, obstacles
from flowops.systems.protocol import BoundFlow, TargetSettings
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    Json,
    document,
    filtered,
    node,
    read,
    sink,
    source,
)
from tests.unit.systems.event_processing.test_api_calls import call

STATEMENT = """CREATE FUNCTION `half` AS 'com.example.Half';
CREATE TEMPORARY TABLE `t` (`a` INT)
WITH ('connector' = 'jdbc', 'table-name' = 'people', 'url' = 'jdbc:postgresql://db/x');
CREATE TEMPORARY VIEW `sums` AS SELECT `city`, `time` FROM `readings`"""
FLOW = document(
    source(credentials=CREDENTIALS),
    node("sums", "sqlProcessor", {"statement": STATEMENT}),
    {**call(), "viewName": "ask", "nodeId": "id of ask"},
    sink(),
)
REDACTED = "<password_redacted>"
SEVERAL = "READINGS; OLD.READINGS ;"
LISTED = """topic: [READINGS, RESULTS.EU]
broker: ["kafka.example:9092"]
api-host: [rain.example]
"""


def overlays_of(text: str) -> FlowOverlays:
    files = {"environments/test.yaml": text.encode()}
    sources = Sources("environments", ("test",), files.get, {})
    return read_overlays(load_environment("test", sources))


def bind(
    inventory: Inventory | None, text: str = "{}", flow: Json | None = None
) -> BoundFlow:
    return Binder(overlays_of(text), inventory, {}).bind(read(flow or FLOW))


def inventory_of(tmp_path: Path, text: str = LISTED) -> Inventory:
    (tmp_path / "there.yaml").write_text(text, "utf-8")
    values = {"path": "out", "inventory": "there.yaml"}
    place = Location("environments/test.yaml")
    settings = TargetSettings(
        "event_processing", "directory", values, place, tmp_path, "test"
    )
    kinds = {reference.kind for reference in read(FLOW).references}
    return event_processing.open_target(settings).inventory(kinds)


def test_a_flow_refers_to_what_its_options_name() -> None:
    found = [(r.kind, r.value, r.block) for r in read(FLOW).references]
    assert found == [
        ("broker", "kafka.example:9092", "readings"),
        ("topic", "READINGS", "readings"),
        ("jdbc-table", "people", "sums"),
        ("api-host", "sky.example", "ask"),
        ("broker", "kafka.example:9092", "results"),
        ("topic", "RESULTS", "results"),
        ("function", "com.example.Half", "sums"),
    ]


def test_without_an_inventory_nothing_is_said() -> None:
    for inventory in (None, Inventory()):
        bound = bind(inventory)
        assert {b.state for b in bound.bindings} == {BindingState.UNCHECKED}
        assert [*binding_findings(bound)] == []


def test_what_is_not_there_is_unresolved_with_a_near_miss(tmp_path: Path) -> None:
    found = [*binding_findings(bind(inventory_of(tmp_path)))]
    assert [f.rule for f in found] == ["reference/unresolved"] * 2
    assert found[1].message == (
        "block results: topic refers to topic 'RESULTS', which is unresolved: "
        "the target has no topic named 'RESULTS'"
    )
    assert "did you mean 'RESULTS.EU'?" in found[1].hint
    assert found[1].location


def test_an_overlay_answers_and_the_files_follow(tmp_path: Path) -> None:
    text = (
        "flows: {Weather: {references: {topic: {RESULTS: RESULTS.EU}, "
        "api-host: {sky.example: rain.example}}}}"
    )
    bound = bind(inventory_of(tmp_path), text)
    assert [*binding_findings(bound)] == []
    bundle = event_processing.render(bound)
    sql, config = (open_text(bundle.files[n]) for n in ("flow.sql", "config.yaml"))
    assert "'topic' = 'RESULTS.EU'" in sql
    assert "'url' = 'https://rain.example/v1/look'" in sql
    assert "topic: RESULTS.EU\n" in config
    assert "'RESULTS'" not in sql


def test_what_the_environment_sets_is_looked_up_instead(tmp_path: Path) -> None:
    text = "flows: {Weather: {config: {results: {results: {topic: RESULTS.EU}}}}}"
    bound = bind(inventory_of(tmp_path, "topic: [READINGS, RESULTS.EU]"), text)
    assert [*binding_findings(bound)] == []
    removed = "flows: {Weather: {config: {results: {results: {topic: null}}}}}"
    found = {b.reference.value for b in bind(None, removed).bindings}
    assert "RESULTS" not in found


def of_topics(topic: str = SEVERAL) -> Json:
    return document(source(topic=topic), sink(topic="RESULTS.EU"))


def topic_of(bound: BoundFlow) -> str:
    return next(str(s.value) for s in applied_settings(bound) if s.name == "topic")


@pytest.mark.parametrize(
    ("written", "topics"),
    [
        ("A", {"A": None}),
        ("A;B", {"A": (0, 1), "B": (2, 3)}),
        (" A ;; BA;A.B ", {"A": (1, 2), "BA": (6, 8), "A.B": (9, 12)}),
        (";", {}),
    ],
)
def test_each_of_several_topics_is_a_reference(
    written: str, topics: dict[str, tuple[int, int] | None]
) -> None:
    references = read(of_topics(written)).references
    found = {r.value: r.span for r in references if r.block == "readings"}
    del found["kafka.example:9092"]
    assert found == topics
    for reference in references:
        assert reference.value == reference.key == reference.name
        start, end = reference.span or (0, None)
        if reference.span:
            assert written[start:end] == reference.value


def test_of_several_topics_the_missing_one_is_unresolved(tmp_path: Path) -> None:
    there = "topic: [READINGS, READINGS.OLD, RESULTS.EU]"
    bound = bind(inventory_of(tmp_path, there), flow=of_topics())
    (found,) = binding_findings(bound)
    assert "refers to topic 'OLD.READINGS', which is unresolved" in found.message
    assert topic_of(bound) == SEVERAL


def test_an_overlay_renames_each_of_several_topics(tmp_path: Path) -> None:
    there = "topic: [A.LONGER.NAME, B, RESULTS.EU]"
    text = (
        "flows: {Weather: {references: {topic: "
        "{READINGS: A.LONGER.NAME, OLD.READINGS: B}}}}"
    )
    bound = bind(inventory_of(tmp_path, there), text, of_topics())
    assert [*binding_findings(bound)] == []
    assert topic_of(bound) == "A.LONGER.NAME; B ;"
    sql = open_text(event_processing.render(bound).files["flow.sql"])
    assert "'topic' = 'A.LONGER.NAME; B ;'" in sql


def test_one_of_several_topics_is_renamed_alone() -> None:
    text = "flows: {Weather: {references: {topic: {OLD.READINGS: B}}}}"
    assert topic_of(bind(Inventory(), text, of_topics())) == "READINGS; B ;"


@pytest.mark.parametrize(
    ("written", "set_to", "wanted"),
    [
        ("A", "B;C", ["B", "C"]),
        ("A;B", "ALERTS", ["ALERTS"]),
        ("A;B", "B;A;C", ["B", "A", "C"]),
    ],
)
def test_topics_that_the_environment_lists_are_looked_up_instead(
    written: str, set_to: str, wanted: list[str]
) -> None:
    text = f"flows: {{Weather: {{config: {{readings: {{'*': {{topic: {set_to}}}}}}}}}}}"
    inventory = Inventory(kinds=frozenset(("topic",)))
    bound = bind(inventory, text, of_topics(written))
    found = [b.reference.value for b in bound.bindings if b.reference.kind == "topic"]
    assert found == [*wanted, "RESULTS.EU"]
    assert {f.rule for f in binding_findings(bound)} == {"reference/unresolved"}
    assert topic_of(bound) == set_to


def test_what_fills_a_placeholder_stays_as_it_is() -> None:
    login = {"username": "u", "password": REDACTED, "mechanism": "SCRAM-SHA-512"}
    redacted = {"type": "SASL", "data": login}
    flow = document(source(credentials=redacted), sink())
    line = 'ScramLoginModule required username="me" password="mine";'
    option = f"{{properties.sasl.jaas.config: '{line}'}}"
    text = f"flows: {{Weather: {{config: {{readings: {{'*': {option}}}}}}}}}"
    bound = bind(Inventory(), text, flow)
    states = [b.state for b in bound.bindings if b.reference.kind == "secret"]
    assert states == [BindingState.RESOLVED]
    found = {s.name: open_text(s.value) for s in applied_settings(bound)}
    assert found["properties.sasl.jaas.config"] == line


def test_a_pattern_of_topics_is_not_looked_up() -> None:
    statement = """CREATE TEMPORARY TABLE `t` (`a` INT)
WITH ('connector' = 'kafka', 'topic-pattern' = 'READINGS.*;X', 'format' = 'json')"""
    flow = document(
        source(), node("all", "sqlProcessor", {"statement": statement}), sink()
    )
    inventory = Inventory(kinds=frozenset(("topic",)))
    found = [b.reference for b in bind(inventory, flow=flow).bindings]
    assert [r for r in found if r.block == "all"] == []


def test_a_secret_is_no_reference() -> None:
    hidden = "kafka://u:marker-x@host:9092"
    flow = read(document(source(bootstrapServers=[hidden]), sink()))
    assert all("marker-x" not in repr(r) for r in flow.references)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("topics: [A]", "did you mean topic?"),
        ("x: [A]", "kinds are topic"),
        ("topic: A", "must be a list of names"),
        ("topic: [[A]]", "must be a text"),
        ("[A]", "must be a mapping"),
        ("topic: [", "is not YAML"),
    ],
)
def test_a_bad_inventory_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        inventory_of(tmp_path, text)
    assert words in str(caught.value)
    assert caught.value.location
    assert caught.value.location.path == "there.yaml"


@pytest.mark.parametrize("path", ["../x.yaml", "/etc/passwd", "absent.yaml", "link"])
def test_an_inventory_lies_in_the_project(path: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "x.yaml").write_text("topic: []", "utf-8")
    (root / "link").symlink_to(tmp_path / "x.yaml")
    place = Location("environments/test.yaml")
    values = {"path": "out", "inventory": path}
    settings = TargetSettings(
        "event_processing", "directory", values, place, root, "test"
    )
    with pytest.raises(InputError):
        event_processing.open_target(settings).inventory({"topic"})


def pipeline_of(*nodes: Json, edges: list[tuple[str, str]] | None = None) -> Pipeline:
    body = read(document(*nodes, edges=edges)).body
    assert isinstance(body, Pipeline)
    return body


ONE = (source(), filtered("TRUE"), sink())
TWO = (source("a"), sink("x"), source("b"), sink("y"))
SPLIT = (source(), sink("x"), sink("y"))
OPEN = (source(), filtered("TRUE"))


@pytest.mark.parametrize(
    ("nodes", "edges", "form", "version", "expected"),
    [
        (ONE, None, SQL, (1, 0, 0), 0),
        (ONE, None, ZIP, (1, 2, 2), 1),
        (ONE, None, ZIP, (1, 2, 3), 0),
        (OPEN, None, SQL, (1, 1, 0), 0),
        (OPEN, None, ZIP, (1, 3, 0), 1),
        (OPEN, None, ZIP, (1, 5, 0), 1),
        (TWO, [("a", "x"), ("b", "y")], SQL, (1, 4, 4), 2),
        (TWO, [("a", "x"), ("b", "y")], SQL, (1, 4, 5), 1),
        (TWO, [("a", "x"), ("b", "y")], ZIP, (1, 5, 0), 0),
        (SPLIT, [("readings", "x"), ("readings", "y")], SQL, (1, 4, 4), 1),
        (SPLIT, [("readings", "x"), ("readings", "y")], ZIP, (1, 4, 5), 0),
        (
            (*ONE, source("alone")),
            [("readings", "chosen"), ("chosen", "results")],
            ZIP,
            (1, 5, 0),
            2,
        ),
        ((source(), node("once", "deduplicate"), sink()), None, SQL, (1, 5, 4), 1),
        ((source(), node("once", "deduplicate"), sink()), None, SQL, (1, 5, 5), 0),
    ],
)
def test_what_an_export_asks_for(
    nodes: tuple[Json, ...],
    edges: list[tuple[str, str]] | None,
    form: str,
    version: tuple[int, int, int],
    expected: int,
) -> None:
    assert len(obstacles(pipeline_of(*nodes, edges=edges), form, version)) == expected


def test_a_refusal_names_an_export_that_can_be_used() -> None:
    once = node("once", "deduplicate")
    for nodes, words in (
        ((source(), once, sink()), "deploy the zip"),
        ((source(), once), "export the flow as SQL"),
    ):
        flow = read(document(*nodes))
        findings = event_processing.render(BoundFlow(flow, settings=flow.settings))
        (found,) = [f for f in findings.findings if f.rule.endswith("no-sql")]
        assert found.hint.startswith(words)


def test_references_are_values() -> None:
    assert all(isinstance(r, Reference) for r in read(FLOW).references)
