"""Whole SQL exports of the product, made again from a flow of our own.

The flow has other names, topics, hosts and certificates, and those of the export are
put in their place by order. Compared are statements in a normal form: without
comments, white space, and the order of options, and without a function that is made
and not called. There is nothing else in which the two may differ.

Top-n has no public JSON: its own statement stands in a SQL processor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from flowops.secrets import open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.sql.text import (
    code,
    quote_name,
    scan,
    split_statements,
    unquote_name,
)
from flowops.systems.protocol import BoundFlow
from tests.unit.systems.event_processing.builders import (
    WATERMARK,
    Json,
    aggregate,
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

CORPUS = Path(__file__).resolve().parents[5] / "shared" / "corpus" / "event_processing"
NEWEST = "aggregation-migration_2026-06-19.sql"
FIRST = "tempi-di-risposta-KO-bassi_2024-04-04.sql"
WINDOW = ("window_start", "window_end", "window_time")
SERVERS = "kafka.example:9095"
PEM = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real exports is not on this machine"
)


def normal_form(sql: str) -> list[str]:
    """Return each statement as it is compared; see the head of this file."""
    return [normal(text) for text in split_statements(sql) if is_needed(text, sql)]


def is_needed(statement: str, sql: str) -> bool:
    tokens = [token.text for token in code(statement)]
    return tokens[:2] != ["CREATE", "FUNCTION"] or sql.count(f"{tokens[2]}(") > 0


def normal(statement: str) -> str:
    head, has, options = " ".join(t.text for t in code(statement)).partition(" WITH ( ")
    items = re.findall(r"'(?:[^']|'')*' = '(?:[^']|'')*'", options)
    return f"{head}{has}{' , '.join(sorted(items))}"


def renamed(
    sql: str, names: Sequence[str], texts: Iterable[tuple[str, str]] = ()
) -> str:
    """Give the names of an export ours, in order; and its topics, hosts and words."""
    words = [token for token in scan(sql) if token.kind == "name"]
    plain = [unquote_name(token.text).removesuffix("___TABLE") for token in words]
    theirs = dict.fromkeys(n.removesuffix("___EVENT_TIME") for n in plain)
    new = dict(zip((t for t in theirs if t not in WINDOW), names, strict=True))

    def ours(kind: str, text: str) -> str:
        name = unquote_name(text)
        for suffix in ("", "___TABLE", "___EVENT_TIME"):
            bare = name.removesuffix(suffix) if suffix else name
            if kind in ("name", "word") and bare in new:
                written = new[bare] + (suffix if bare != name else "")
                return quote_name(written) if kind == "name" else written
        return text

    parts = [ours(token.kind, token.text) for token in scan(sql)]
    text = "".join(parts)
    for old, wanted in texts:
        text = text.replace(old, wanted)
    text = re.sub(r"'[\w.-]+:\d{4}'", f"'{SERVERS}'", text)
    return re.sub(r"-{5}BEGIN C[^']*-{5}\n", f"{PEM},{PEM}", text)


def ours(version: str, *nodes: Json) -> str:
    flow = read(document(*nodes))
    bound = BoundFlow(flow, settings=flow.settings, target={"version": version})
    return open_text(event_processing.render(bound).files["flow.sql"])


def column(name: str, kind: str, function: str = "") -> Json:
    return {
        "outputColumn": name,
        "input": {"column": function or name},
        "kind": kind,
        "aggregateFunctionId": function,
    }


def test_an_export_of_the_newest_form() -> None:
    theirs = renamed(
        (CORPUS / "sql" / NEWEST).read_text("utf-8"),
        ("readings", "time", "size", "hourly", "sum", "start", "end", "at", "results"),
        [("'mn-test'", "'READINGS'"), ("'mn-results'", "'RESULTS'")],
    )
    servers = {"bootstrapServers": [SERVERS]}
    made_here = ours(
        "1.5.3",
        source(
            fields=[
                {"name": "time", "type": "TIMESTAMP_LTZ_UDF"},
                {"name": "size", "type": "BIGINT"},
            ],
            watermark={**WATERMARK, "timeUnit": "MILLISECOND", "interval": 50},
            **servers,
        ),
        aggregate(
            functions=[{"id": "S", "name": "SUM", "source": {"column": "size"}}],
            columns=[
                column("sum", "AGGREGATE_RESULT", "S"),
                column("start", "WINDOW_START"),
                column("end", "WINDOW_END"),
                column("at", "WINDOW_TIME"),
            ],
        ),
        sink(**servers),
    )
    assert normal_form(made_here) == normal_form(theirs)


FIELDS = ("city", "street", "house", "floor", "door", "state", "key", "slow", "quick")
SECURE: Json = {
    "bootstrapServers": [SERVERS],
    "securityProtocol": "SASL_SSL",
    "credentials": {
        "type": "SASL",
        "data": {
            "username": "marker-username",
            "password": "marker-password",
            "mechanism": "SCRAM-SHA-512",
        },
    },
    "truststoreCertificates": [{"pem": PEM}, {"pem": PEM}],
}
FIRST_NAMES = (
    *("readings", *FIELDS, "amount", "arrived", "chosen", "fastest"),
    *("windowStart", "start", "windowEnd", "end", "fastest_rank", "rank"),
    *("windowResult", "mean", "answer", "marked", "mark", "results"),
)
FIRST_TEXTS = [
    ("'NEXI.PRIMO.OUTPUT'", "'READINGS'"),
    ("'NEXI.TEMPI_RISPOSTA'", "'RESULTS'"),
    ("'AUTORIZZATA'", "'open'"),
    ("'KO_BASSI'", "'low'"),
]


def first_flow(top_n: str) -> list[Json]:
    types = dict.fromkeys(FIELDS, "STRING") | dict.fromkeys(("slow", "quick"), "BIGINT")
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    mean = {"id": "A", "name": "AVG", "source": {"column": "slow"}}
    return [
        source(
            fields=[*fields, {"name": "amount", "type": "DOUBLE"}],
            watermark={
                "topicLocalTimeRequired": True,
                "timeUnit": "MINUTE",
                "interval": 1,
                "watermarkColumn": "arrived",
            },
            **SECURE,
        ),
        filtered("state NOT LIKE 'open'"),
        node("fastest", "sqlProcessor", {"statement": top_n}),
        aggregate(
            "mean",
            functions=[mean],
            columns=[
                column("answer", "AGGREGATE_RESULT", "A"),
                column("start", "WINDOW_START"),
                column("end", "WINDOW_END"),
            ],
            timeEvent={"table": "", "column": "arrived"},
            aggregationPeriod={"interval": 1, "timeUnit": "MINUTE"},
        ),
        transform(
            *(kept("start"), kept("end"), made("mark", "CAST('low' AS STRING)")),
            kept("answer"),
            name="marked",
        ),
        sink(**SECURE),
    ]


def first_export() -> str:
    sql = (CORPUS / "sql" / FIRST).read_text("utf-8")
    redacted = renamed(sql, FIRST_NAMES, FIRST_TEXTS)
    for word in ("username", "password"):
        redacted = redacted.replace(f"<{word}_redacted>", f"marker-{word}")
    return redacted


def test_an_export_of_the_first_form() -> None:
    theirs = first_export()
    (top_n,) = [text for text in split_statements(theirs) if "ROW_NUMBER" in text]
    assert normal_form(ours("1.1.4", *first_flow(top_n))) == normal_form(theirs)
