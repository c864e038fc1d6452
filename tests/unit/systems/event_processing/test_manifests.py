"""Manifests: whole files, names, what is laid over, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.errors import InputError
from flowops.model import Location
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.event_processing.manifests.files import (
    MANIFEST_FILES,
    read_manifest,
)
from flowops.systems.event_processing.manifests.laid_over import laid_over
from flowops.systems.event_processing.manifests.names import (
    MAXIMUM_LENGTH,
    resource_name,
)
from flowops.systems.event_processing.manifests.options import read_options
from flowops.systems.event_processing.manifests.runner_sql import plain_sql, runner_sql
from flowops.systems.protocol import BoundFlow, Bundle
from tests.support.golden import assert_golden
from tests.unit.systems.event_processing.builders import (
    document,
    filtered,
    node,
    read,
    sink,
    source,
)

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "manifests"
PLACE = Location("environments/production.yaml", 4, 3)
SPEC = """
flinkConfiguration:
  license.use: EventAutomationProduction
  license.accept: 'true'
  taskmanager.numberOfTaskSlots: '4'
podTemplate:
  spec:
    containers:
    - name: flink-main-container
      volumeMounts:
      - {name: flink-logs, mountPath: /opt/flink/log}
    volumes:
    - {name: flink-logs, emptyDir: {}}
taskManager: {resource: {memory: 4096m, cpu: 2}}
job: {allowNonRestoredState: null}
"""
APACHE: Mapping[str, Text] = {
    "image": "registry.example/flink:1",
    "flink-version": "v1_20",
    "dialect": "flink",
}
CASES: Mapping[str, Mapping[str, Text]] = {
    "ibm": {"operator": "ibm", "namespace": "flows", "storage": "flink-state"},
    "ibm-all": {
        "operator": "ibm",
        "namespace": "flows",
        "storage": "flink-state",
        "truststore": "ssl-truststore/truststore.jks",
        "parallelism": "3",
        "image": "registry.example/ibm:1",
        "service-account": "jobs",
        "jar": "local:///opt/other.jar",
        "spec": SPEC,
    },
    "ibm-in-git": {
        "manifests": "ibm",
        "storage": "flink-state",
        "secret-store": "ClusterSecretStore/vault",
    },
    "apache": {"operator": "apache", "storage": "flink-state", **APACHE},
    "apache-in-git": {"manifests": "apache", "secret": "from-elsewhere", **APACHE},
    "confluent": {
        "manifests": "confluent",
        "image": "registry.example/runner:1",
        "flink-environment": "production",
        "storage": "flink-state",
        "rest-class": "operator/default",
        "flink-version": "v2_1",
        "savepoint": "file:///opt/flink/volume/flink-sp/savepoint-1",
    },
}


def bundle_of(values: Mapping[str, Text], name: str = "Große Beträge («EU»)") -> Bundle:
    """Render a flow with two destinations."""
    flow = read(
        document(
            *(source(), filtered("TRUE"), sink("big"), sink("small", topic="S")),
            edges=[("readings", "chosen"), ("chosen", "big"), ("chosen", "small")],
            name=name,
        )
    )
    return event_processing.render(
        BoundFlow(flow, settings=flow.settings, target=values)
    )


@pytest.mark.parametrize("case", CASES)
def test_files(case: str, pytestconfig: pytest.Config) -> None:
    update = bool(pytestconfig.getoption("--update-goldens"))
    bundle = bundle_of(CASES[case])
    made = {n for n in bundle.files if n in (*MANIFEST_FILES, "statements.sql")}
    folder = GOLDEN / case
    if not update:
        assert {path.name for path in folder.iterdir()} == made
    for name in sorted(made):
        assert_golden(str(bundle.files[name]), folder / name, update)


@pytest.mark.parametrize("case", CASES)
def test_the_same_flow_gives_the_same_bytes(case: str) -> None:
    assert bundle_of(CASES[case]) == bundle_of(CASES[case])


def test_nothing_is_made_where_nothing_is_asked_for() -> None:
    assert not set(bundle_of({}).files) & {*MANIFEST_FILES, "statements.sql"}


@pytest.mark.parametrize(
    ("case", "count"), [("apache-in-git", 1), ("ibm", 0), ("confluent", 0)]
)
def test_a_savepoint_without_a_place_is_a_warning(case: str, count: int) -> None:
    rules = [finding.rule for finding in bundle_of(CASES[case]).findings]
    assert rules.count("event-processing/no-savepoints") == count


def test_a_change_of_the_flow_starts_the_job_anew() -> None:
    texts = [
        str(bundle_of(CASES["ibm"], name).files["deployment.yaml"])
        for name in ("Same", "Same")
    ]
    assert texts[0] == texts[1]
    flow = read(document(source(topic="NEW"), sink(), name="Same"))
    bundle = event_processing.render(
        BoundFlow(flow, settings=flow.settings, target=CASES["ibm"])
    )
    assert content_of(str(bundle.files["deployment.yaml"])) != content_of(texts[0])


def content_of(text: str) -> str:
    found = re.search(r"flowops/content: (sha256:[0-9a-f]{64})", text)
    assert found
    return found[1]


def test_a_deployment_is_compared_by_its_values() -> None:
    graphs = [
        event_processing.describe(bundle_of({**CASES["ibm"], "parallelism": n}).state())
        for n in ("1", "2")
    ]
    changed = {
        key: (value, graphs[1].attributes[key])
        for key, value in graphs[0].attributes.items()
        if graphs[1].attributes[key] != value
    }
    assert changed == {"deployment/spec/job/parallelism": ("1", "2")}
    assert not any("content" in key for key in graphs[0].attributes)


def test_a_manifest_damaged_by_hand_says_nothing() -> None:
    assert read_manifest("spec: [") == {}
    assert read_manifest("- 1") == {}


def test_ibm_needs_the_export_as_json() -> None:
    text = "CREATE TABLE `a` (`x` STRING) WITH ('connector' = 'datagen');"
    flow = event_processing.read_file("flows/a.sql", text.encode())
    with pytest.raises(InputError, match="a SQL export has none") as caught:
        event_processing.render(BoundFlow(flow, target=CASES["ibm"]))
    assert caught.value.location
    bundle = event_processing.render(BoundFlow(flow, target=CASES["apache"]))
    assert [*bundle.files] == ["flow.sql", "statements.sql", "deployment.yaml"]


def test_apache_needs_sql() -> None:
    flow = read(document(source(), node("x", "detectPatterns"), sink()))
    bound = BoundFlow(flow, settings=flow.settings, target=CASES["apache"])
    with pytest.raises(InputError, match="apache runs SQL, and none can be made"):
        event_processing.render(bound)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", "orders"),
        ("large-orders", "large-orders"),
        ("Large orders", "large-orders-8c374829"),
        ("large orders", "large-orders-b15671ac"),
        ("Große Beträge", "groe-betrage-0b25b4d4"),
        ("注文", "flow-4c2f5a8b"),
        ("9 lives", "flow-9-lives-00000000"),
        ("-", "flow-00000000"),
        ("orders-0123abcd", "orders-0123abcd-00000000"),
        ("x" * 46, "x" * 36 + "-00000000"),
        ("a/b", "a-b-00000000"),
    ],
)
def test_names(name: str, expected: str) -> None:
    made = resource_name(name)
    assert re.sub("-[0-9a-f]{8}$", "", made) == re.sub("-[0-9a-f]{8}$", "", expected)
    assert (made == name) == (expected == name)


@given(st.text(max_size=80))
def test_every_name_is_one_that_flinks_operator_takes(name: str) -> None:
    made = resource_name(name)
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,43}[a-z0-9])?", made)
    assert len(made) <= MAXIMUM_LENGTH


@given(st.lists(st.text(alphabet="aA-é 1", max_size=6), unique=True, max_size=20))
def test_different_flows_have_different_names(names: list[str]) -> None:
    assert len({resource_name(name) for name in names}) == len(names)


@given(st.text(alphabet="ab'-/*\n\r\\ ;`", max_size=30))
def test_a_runners_script_reads_back(text: str) -> None:
    quoted = text.replace("'", "''")
    sql = f"CREATE TABLE `a--b` (x STRING) WITH ('p' = '{quoted}'); -- the end"
    made = str(runner_sql(sql))
    assert plain_sql(made) == sql
    for literal in re.findall(r"'(?:[^']|'')*'", made):
        assert not re.search(r"--|/\*|\n|\r", literal)


def test_a_runners_script_stays_sealed() -> None:
    made = runner_sql(Secret("'a--b'", "'<password_redacted>'"))
    assert isinstance(made, Secret)
    assert str(made) == "'<password_redacted>'"
    assert made.open() == r"U&'a\002D\002Db'"


def test_what_is_written_wins_and_null_takes_away() -> None:
    made = {"a": {"b": 1, "c": 2}, "d": [1], "e": 1}
    written = {"a": {"b": 3}, "d": [2, 3], "e": None, "f": {"g": None}}
    assert laid_over(made, written) == {
        "a": {"b": 3, "c": 2},
        "d": [2, 3],
        "f": {},
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"operator": "imb"}, "there is no operator 'imb'"),
        ({"operator": Secret("ibm", "x")}, "it is a secret"),
        ({"operator": "ibm", "image": Secret("a", "x")}, "`image` of the target is"),
        ({"operator": "ibm", "namespace": "Flows"}, "`namespace` of the target is"),
        ({"operator": "ibm", "namespace": "-a"}, "`namespace` of the target is"),
        ({"operator": "ibm", "storage": "a_b"}, "`storage` of the target is 'a_b'"),
        ({"operator": "ibm", "service-account": "A"}, "`service-account` of the"),
        ({"operator": "ibm", "parallelism": "0"}, "must be a whole number, not '0'"),
        ({"operator": "ibm", "parallelism": "99999"}, "must be a whole number"),
        ({"operator": "ibm", "parallelism": "²"}, "must be a whole number"),
        ({"operator": "ibm", "truststore": "only-a-secret"}, "`truststore` of the"),
        ({"operator": "ibm", "truststore": "/key"}, "`truststore` of the"),
        ({"operator": "ibm", "spec": "["}, "`spec` of the target is no YAML"),
        ({"operator": "ibm", "spec": "- a"}, "`spec` of the target is no YAML"),
        ({"operator": "ibm", "spec": "a: 1\na: 2"}, "`spec` of the target is no YAML"),
        ({"operator": "apache"}, "apache needs `image`"),
        ({"operator": "apache", "image": "x"}, "apache needs `flink-version`"),
        ({"manifests": "confluent"}, "confluent needs `image`"),
        ({"manifests": "confluent", "image": "x"}, "needs `flink-environment`"),
        ({"manifests": "ibm", "secret-store": "Store/x"}, "`secret-store` of the"),
        ({"manifests": "ibm", "secret-store": "V"}, "`secret-store` of the target"),
    ],
)
def test_options_that_cannot_be_used(values: dict[str, Text], words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_options(values, next(iter(values)), PLACE)
    assert words in caught.value.message
    assert caught.value.hint
    assert caught.value.location == PLACE
