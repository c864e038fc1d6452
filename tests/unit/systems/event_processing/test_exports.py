"""The zip and the SQL export: read, moved to an environment, refused with a place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from flowops.documents.archive import zip_bytes
from flowops.errors import InputError
from flowops.model import Severity
from flowops.project import WorkingTree, read_flow
from flowops.secrets import Secret, open_text
from flowops.systems import event_processing
from flowops.systems.protocol import BoundFlow, Flow, Setting
from tests.unit.systems.event_processing.builders import (
    CREDENTIALS,
    document,
    read,
    render,
    sink,
    source,
    text_of,
)

FLOW = document(source(credentials=CREDENTIALS), sink())
REDACTED = str(render(read(FLOW)).files["flow.json"]).encode()
CONFIG = str(render(read(FLOW)).files["config.yaml"]).replace(
    "kafka.example:9092", "kafka.zip:9092", 1
)
OLD = """-- -------------------------------------------
-- IBM Event Automation
-- exportedDate: 2024-04-04T13:47:18.892+0000
-- flowId: 1
-- flowName: Città, alle 12
--
-- -------------------------------------------
CREATE TABLE `source_1`
(
    `x` STRING
)
WITH (
    'connector' = 'kafka',
    'topic' = 'IN',
    'properties.bootstrap.servers' = 'kafka:9092',
    'format' = 'json',
    'properties.sasl.jaas.config' = 'o.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";'
);

CREATE TEMPORARY VIEW `F` AS
SELECT * FROM `source_1`
WHERE `x` = 'kafka:9092';

CREATE TABLE `sink_1`
(
    `x` STRING
)
WITH (
    'connector' = 'kafka',
    'topic' = 'OUT',
    'properties.bootstrap.servers' = 'kafka:9092',
    'format' = 'json'
);

INSERT INTO `sink_1` SELECT * FROM `F`;
"""  # noqa: E501
NEW = OLD.replace("`source_1`\n(", "`in___TABLE`\n(").replace(
    "CREATE TEMPORARY VIEW `F` AS\nSELECT * FROM `source_1`",
    "CREATE TEMPORARY VIEW `in` AS\nSELECT * FROM `in___TABLE`",
)


def zipped(**members: bytes) -> bytes:
    return zip_bytes({name.replace("_", "."): data for name, data in members.items()})


WHOLE = zipped(flow_json=REDACTED, config_yaml=CONFIG.encode())


def export(data: bytes, path: str = "flows/x.zip") -> Flow:
    assert event_processing.recognises_file(path, data)
    return event_processing.read_file(path, data)


def rendered(flow: Flow, **changes: str) -> dict[str, str]:
    names = {"server": "properties.bootstrap.servers", "topic": "topic"}
    wanted = {names[key]: value for key, value in changes.items()}
    settings = tuple(
        Setting(s.node, s.table, s.name, wanted.get(s.name, s.value), s.origin)
        for s in flow.settings
    )
    bundle = event_processing.render(BoundFlow(flow, settings=settings))
    return {name: open_text(text) for name, text in bundle.files.items()}


# The zip


def test_a_zip_gives_the_flow_and_its_own_settings() -> None:
    flow = export(WHOLE)
    assert flow.address == read(FLOW).address
    servers = [s for s in flow.settings if s.name == "properties.bootstrap.servers"]
    assert [s.value for s in servers] == ["kafka.zip:9092", "kafka.example:9092"]
    assert str(servers[0].origin).startswith("flows/x.zip/config.yaml:")
    files = rendered(flow)
    assert files["flow.json"].encode() == REDACTED
    assert files["config.yaml"] == CONFIG
    assert "'kafka.zip:9092'" in files["flow.sql"]
    assert rendered(flow, server="kafka.prod:9")["flow.json"].encode() == REDACTED


def test_a_placeholder_of_the_product_has_to_be_filled() -> None:
    flow = export(WHOLE)
    every = event_processing.review(BoundFlow(flow, settings=flow.settings))
    found = [finding for finding in every if finding.severity is not Severity.INFO]
    assert [f.rule for f in found] == ["event-processing/placeholder"]
    assert found[0].location
    assert found[0].location.path == "flows/x.zip/config.yaml"


def test_a_secret_somebody_filled_in_is_sealed_and_told() -> None:
    config = CONFIG.replace("<password_redacted>", "marker-zip")
    flow = export(zipped(flow_json=REDACTED, config_yaml=config.encode()))
    (found,) = flow.findings
    assert found.message.endswith("properties.sasl.jaas.config in the clear")
    values = [s.value for s in flow.settings if s.name.endswith("jaas.config")]
    assert all(isinstance(value, Secret) for value in values)
    bundle = render(flow)
    assert "marker-zip" not in "".join(map(str, bundle.files.values()))
    assert "marker-zip" in open_text(bundle.files["config.yaml"])


def test_the_flow_may_have_the_name_of_the_flow_and_no_configuration() -> None:
    flow = export(zip_bytes({"Weather.json": REDACTED}))
    other = export(zip_bytes({"flow.json": REDACTED}))
    assert [s.value for s in flow.settings] == [s.value for s in other.settings]


def test_a_zip_is_known_by_its_bytes_too() -> None:
    assert export(WHOLE, "flows/export").address == read(FLOW).address


def strange(name: str, data: bytes = b"{}") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def twice() -> bytes:
    data = zip_bytes({"flow.json": b"{}", "flow.jsoN": b"{}"})
    return data.replace(b"flow.jsoN", b"flow.json")


def encrypted() -> bytes:
    data = bytearray(strange("flow.json"))
    data[6] |= 1
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    return bytes(data)


def bomb() -> bytes:
    return zip_bytes({"flow.json": b" " * (33 * 1024 * 1024)})


BAD_ZIPS = [
    (b"", "is not a zip"),
    (b"hello", "is not a zip"),
    (WHOLE[:-30], "is not a zip"),
    (WHOLE[:60] + b"\0\0\0" + WHOLE[63:], "is not a zip, or it is damaged"),
    (strange("../flow.json"), "lies outside"),
    (strange("/flow.json"), "lies outside"),
    (strange("a/../../flow.json"), "lies outside"),
    (strange("C:\\flow.json"), "lies outside"),
    (strange("notes.txt"), "holds no flow.json"),
    (strange("below/flow.json"), "holds no flow.json"),
    (zip_bytes({"a.json": b"{}", "b.json": b"{}"}), "holds no flow.json"),
    (zip_bytes({}), "holds no flow.json"),
    (zip_bytes({f"{i}.txt": b"" for i in range(1001)}), "holds 1001 files"),
    (strange("flow.json", b"[]"), "is no flow of Event Processing"),
    (strange("flow.json", b"{"), "cut off"),
    (strange("flow.json", b"\xff"), "not UTF-8"),
    (zipped(flow_json=REDACTED, config_yaml=b"config: ["), "is not YAML"),
    (zipped(flow_json=REDACTED, config_yaml=b"config: [a]"), "mapping"),
]


@pytest.mark.parametrize(("data", "words"), BAD_ZIPS)
def test_a_bad_zip_is_refused_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        export(data)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.location
    assert caught.value.location.path.startswith("flows/x.zip")


def test_a_zip_with_a_member_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"holds 'flow.json' twice"):
        export(twice())


def test_an_encrypted_zip_is_refused() -> None:
    with pytest.raises(InputError, match="the zip is encrypted"):
        export(encrypted())


def test_a_zip_that_grows_too_large_is_refused() -> None:
    data = bomb()
    assert len(data) < 100_000
    with pytest.raises(InputError, match="holds more than 32 MiB"):
        export(data)


# SQL


@pytest.mark.parametrize(
    ("sql", "node", "table"),
    [(OLD, "source_1", "source_1"), (NEW, "in", "in___TABLE")],
    ids=["1.1", "1.5"],
)
def test_the_tables_of_sql_are_its_settings(sql: str, node: str, table: str) -> None:
    flow = export(sql.encode(), "a.sql")
    assert flow.address.name == "Città, alle 12"
    topic = next(s for s in flow.settings if s.value == "IN")
    assert (topic.node, topic.table, topic.origin.line) == (node, table, 14)
    assert not flow.findings
    assert rendered(flow) == {"flow.sql": sql}
    assert flow.source.to_bytes() == sql.encode()
    other = rendered(flow, server="prod:9")["flow.sql"]
    assert other == sql.replace("servers' = 'kafka:9092'", "servers' = 'prod:9'")


def test_sql_without_a_header_is_called_as_its_file() -> None:
    sql = "CREATE TABLE a (b INT) WITH ('connector' = 'kafka');\n-- flowName: no"
    assert export(sql.encode(), "flows/My flow.sql").address.name == "My flow"


def test_sql_can_be_described_and_reviewed() -> None:
    flow = export(OLD.encode(), "a.sql")
    bundle = event_processing.render(BoundFlow(flow, settings=flow.settings))
    graph = event_processing.describe(bundle.state())
    assert [block.id for block in graph.blocks] == ["F", "sink_1", "source_1"]
    added = Setting("source_1", "source_x", "a", "b", flow.settings[0].origin)
    found = event_processing.review(BoundFlow(flow, settings=(*flow.settings, added)))
    rules = sorted(f.rule.partition("/")[2] for f in found)
    clear = ["clear-broker"] * 2
    assert rules == [*clear, "placeholder", "start-implicit", "unknown-table"]


def test_live_secrets_of_sql_are_told_with_their_line_and_sealed() -> None:
    sql = OLD.replace("<password_redacted>", "marker-sql").replace(
        "INSERT", "-- jdbc:postgresql://u:marker-two@db/x\nINSERT"
    )
    flow = export(sql.encode(), "a.sql")
    lines = {f.location.line: f.message for f in flow.findings if f.location}
    assert lines == {
        17: "source_1 holds the password of a login module in the clear",
        35: "the SQL holds the login of an address in the clear",
    }
    bundle = render(flow)
    assert "marker-" not in repr((flow, bundle)) + str(bundle.files["flow.sql"])
    assert open_text(bundle.files["flow.sql"]) == sql


@pytest.mark.parametrize(
    ("sql", "words", "line"),
    [
        ("", "makes no table", 1),
        ("-- nothing", "makes no table", 1),
        ("CREATE VIEW a AS SELECT 1", "makes no table", 1),
        ("CREATE TABLE a (b INT)\nWITH ('x' = 'y)", "a quote that does not end", 2),
        ("CREATE TABLE `a (b INT)", "a quote that does not end", 1),
        ("CREATE TABLE a (b INT)\n\n/* open", "a comment that does not end", 3),
    ],
)
def test_bad_sql_is_refused_where_it_is(sql: str, words: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        export(sql.encode(), "a.sql")
    assert words in caught.value.message
    assert caught.value.location
    assert (caught.value.location.path, caught.value.location.line) == ("a.sql", line)


def test_sql_that_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        export(b"CREATE \xff", "a.sql")


def test_a_project_reads_all_three_kinds(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(text_of(FLOW).to_bytes())
    (tmp_path / "b.zip").write_bytes(WHOLE)
    (tmp_path / "c.sql").write_text(OLD, "utf-8")
    (tmp_path / "d.txt").write_bytes(b"hello")
    (tmp_path / "e.json").write_bytes(WHOLE)
    tree = WorkingTree(tmp_path)
    names = [read_flow(f, tree).address.name for f in ("a.json", "b.zip", "c.sql")]
    assert names == ["Weather", "Weather", "Città, alle 12"]
    assert read_flow("e.json", tree).address.name == "Weather"
    with pytest.raises(InputError, match="not JSON"):
        read_flow("d.txt", tree)


def test_options_of_kafka_are_for_kafka_tables_only() -> None:
    sql = "CREATE TABLE a (b INT) WITH ('connector' = 'jdbc', 'url' = 'x');"
    flow = export(sql.encode(), "a.sql")
    place = flow.settings[0].origin
    added = (
        Setting("a", "a", "properties.bootstrap.servers", "k:9", place),
        Setting("a", "a", "lookup.cache", "NONE", place),
    )
    bound = BoundFlow(flow, settings=(*flow.settings, *added))
    assert not event_processing.review(bound)
    found = open_text(event_processing.render(bound).files["flow.sql"])
    assert found == sql.replace("'x'", "'x', 'lookup.cache' = 'NONE'")
