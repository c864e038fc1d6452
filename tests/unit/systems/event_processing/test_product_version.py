"""The version of the product an environment names: what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from flowops.errors import InputError
from flowops.model import Finding, Location, Severity
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.event_processing.settings.product_version import (
    Version,
    check_version,
    version_of,
)
from flowops.systems.protocol import BoundFlow, Setting, TargetSettings
from tests.unit.systems.event_processing.builders import (
    FIELDS,
    Json,
    document,
    filtered,
    node,
    read,
    sink,
    source,
)

PLACE = Location("environments/test.yaml", 3)
PLAIN: list[object] = [*FIELDS[:2]]
FROM_KAFKA: Json = {
    "topicLocalTimeRequired": True,
    "timeUnit": "MINUTE",
    "interval": 1,
    "watermarkColumn": "arrived",
}
OLD_SOURCE = source(fields=PLAIN, watermark=FROM_KAFKA)


def bound_of(version: str, *nodes: Json, more: Iterable[Setting] = ()) -> BoundFlow:
    flow = read(document(*nodes))
    target = {"version": version} if version else {}
    return BoundFlow(flow, settings=(*flow.settings, *more), target=target)


def told(version: str, *nodes: Json) -> list[Finding]:
    found = event_processing.review(bound_of(version, *nodes))
    rules = ("event-processing/newer-node", "event-processing/not-exportable")
    return [finding for finding in found if finding.rule in rules]


def refusal(version: str, *nodes: Json) -> str:
    bundle = event_processing.render(bound_of(version, *nodes))
    (found,) = [f for f in bundle.findings if f.rule.endswith("no-sql")]
    return found.message


def test_two_numbers_are_the_last_release_of_them() -> None:
    assert version_of({"version": "1.1.4"}) == Version(1, 1, 4)
    assert version_of({"version": "1.1"}) == Version(1, 1) > Version(1, 1, 8)
    assert [str(Version(1, 1, 4)), str(Version(1, 5))] == ["1.1.4", "1.5"]
    assert version_of({}) is None


@pytest.mark.parametrize(
    "wanted", ["", "1", "0.9", "one", "1.5.x", "v1.5", "1.5.1.2", Secret("1.5", "1.5")]
)
def test_what_is_no_version_is_refused_at_its_place(wanted: Text) -> None:
    with pytest.raises(InputError) as caught:
        check_version({"version": wanted}, PLACE)
    assert caught.value.location == PLACE
    assert "such as" in caught.value.hint


@pytest.mark.parametrize("kind", ["directory"])
def test_every_target_takes_a_version_and_checks_it(kind: str, tmp_path: Path) -> None:
    def settings(version: str) -> TargetSettings:
        values = {"path": "out", "version": version}
        given = ("event_processing", kind, values, PLACE, tmp_path, "test")
        return TargetSettings(*given)

    assert event_processing.open_target(settings("1.5.3")).identity.id == "out"
    with pytest.raises(InputError, match=r"there is no Event Processing 'new'"):
        event_processing.open_target(settings("new"))


def test_nothing_is_said_without_a_version() -> None:
    once = node("once", "deduplicate")
    assert told("", source(), once) == []


@pytest.mark.parametrize(
    ("kind", "since", "before"),
    [
        ("api", "1.1.7", "1.1.6"),
        ("sqlProcessor", "1.2.2", "1.2.1"),
        ("deduplicate", "1.4.5", "1.4.4"),
    ],
)
def test_a_node_that_came_later_is_a_warning(
    kind: str, since: str, before: str
) -> None:
    nodes = (source(), node("new", kind), sink())
    assert not [f for f in told(since, *nodes) if f.rule.endswith("newer-node")]
    (found,) = [f for f in told(before, *nodes) if f.rule.endswith("newer-node")]
    assert found.message == f"new is of type {kind}, which came with {since}"
    assert found.hint.startswith(f"the target says Event Processing {before}")


def test_an_export_the_product_would_not_make_is_a_warning() -> None:
    (found,) = told("1.3.0", source(), filtered("TRUE"))
    assert found.message == (
        "Event Processing 1.3.0 exports this flow in no JSON with configuration YAML"
    )
    assert found.hint.startswith("it does not end in a destination: mend it")
    (other,) = told("1.1.4", source(), filtered("TRUE"))
    assert other.severity is Severity.INFO
    assert told("1.5.3", source(), sink()) == []
    assert told("1.5.3") == []


def test_before_1_1_8_a_source_is_one_table_and_a_destination_has_a_start() -> None:
    bundle = event_processing.render(bound_of("1.1.7", OLD_SOURCE, sink()))
    sql = str(bundle.files["flow.sql"])
    assert "CREATE TABLE `readings`\n(" in sql
    assert "\n\nINSERT INTO `results` SELECT * FROM `readings`;\n-- ---" in sql
    assert "EXECUTE STATEMENT SET" not in sql
    assert "read_committed" not in sql
    assert sql.count("'scan.startup.mode' = 'earliest-offset'") == 2
    newer = event_processing.render(bound_of("1.1.8", OLD_SOURCE, sink()))
    assert "CREATE TABLE `readings___TABLE`" in str(newer.files["flow.sql"])


def test_what_an_environment_sets_stays_in_either_form() -> None:
    name, table = "properties.isolation.level", "readings___TABLE"
    more = [
        Setting("readings", table, name, "read_committed", PLACE),
        Setting("results", "results", "scan.startup.mode", "latest-offset", PLACE),
    ]
    own = read(document(OLD_SOURCE, sink())).settings
    kept = tuple(s for s in own if s.name != name)
    flow = read(document(OLD_SOURCE, sink()))
    bound = BoundFlow(flow, settings=(*kept, *more), target={"version": "1.1.4"})
    sql = str(event_processing.render(bound).files["flow.sql"])
    assert "read_committed" in sql
    assert sql.count("scan.startup.mode") == 2
    assert sql.count("'latest-offset'") == 1


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (source(), "readings takes event time from a property, and no SQL export"),
        (source(watermark=FROM_KAFKA), "readings converts 'time' from a text"),
        (
            source(
                fields=[*PLAIN, {"name": "x", "type": "STRING", "selected": False}],
                watermark=FROM_KAFKA,
                format="avro",
            ),
            "readings leaves out a field of its Avro schema",
        ),
    ],
)
def test_what_no_old_export_shows_is_refused(start: Json, words: str) -> None:
    assert refusal("1.1.4", start, sink()).startswith(words)


@pytest.mark.parametrize("wanted", ["2.0", "1.10", "1.6.0"])
def test_what_is_newer_than_anything_known_is_refused(wanted: str) -> None:
    with pytest.raises(InputError, match=r"is newer than 1\.5, the last that is known"):
        check_version({"version": wanted}, PLACE)
    check_version({"version": "1.5.998"}, PLACE)


def test_before_the_zip_was_known_it_is_said_that_nothing_takes_it() -> None:
    (found,) = (f for f in told("1.2.2", source(), sink()) if "YAML" in f.message)

    assert (found.severity, found.rule) == (
        Severity.INFO,
        "event-processing/not-exportable",
    )
    assert found.message.endswith("configuration YAML: it came with 1.2.3")
    assert told("1.2.3", source(), sink()) == []
