"""What was worked out of a flow for one environment does not reach into the next."""

from __future__ import annotations

from dataclasses import replace

from flowops.secrets import Secret, open_text
from flowops.systems import event_processing
from flowops.systems.event_processing.pipeline import Redaction
from flowops.systems.event_processing.redaction.documents import is_settled
from flowops.systems.event_processing.sql.retarget import template
from flowops.systems.protocol import BoundFlow, Flow
from tests.unit.systems.event_processing.builders import document, node, read, source

TABLE = """CREATE TABLE `out` (`a` STRING) WITH (
    'connector' = 'jdbc', 'url' = 'jdbc:x', 'table-name' = 't', 'password' = 'own'
);"""
SCRIPT = f"""CREATE TABLE `in` (`a` STRING) WITH ('connector' = 'datagen');
{TABLE}
INSERT INTO `out` SELECT `a` FROM `in`;"""


def rendered(flow: Flow, password: str) -> str:
    """Return the opened SQL where an environment gives another password."""
    settings = tuple(
        replace(s, value=Secret(password, "<password_redacted>"))
        if s.name == "password"
        else s
        for s in flow.settings
    )
    bundle = event_processing.render(BoundFlow(flow, settings=settings))
    assert password not in str(bundle.files["flow.sql"])
    return open_text(bundle.files["flow.sql"])


def test_secrets_that_look_alike_stay_apart_in_a_users_script() -> None:
    sink = node("out", "sqlSink", {"statement": TABLE})
    fields = [{"name": "a", "type": "STRING"}]
    flow = read(document(source(fields=fields, watermark={}), sink))
    one, two, again = (rendered(flow, p) for p in ("first", "second", "first"))
    assert "'password' = 'first'" in one
    assert "'password' = 'second'" in two
    assert "first" not in two
    assert one == again


def test_secrets_that_look_alike_stay_apart_in_a_sql_export() -> None:
    flow = event_processing.read_file("flow.sql", SCRIPT.encode())
    one, two = rendered(flow, "first"), rendered(flow, "second")
    assert "'password' = 'first'" in one
    assert two == one.replace("first", "second")


def test_a_template_shows_no_secret_and_keeps_what_it_was_not_told_of() -> None:
    made = template(SCRIPT)
    assert "'own'" not in repr(made)
    assert open_text(made.retargeted({})) == SCRIPT
    assert "'own'" not in str(made.retargeted({}))


def test_what_could_be_hidden_again_is_not_settled() -> None:
    assert is_settled(Redaction(("a",), "<password_redacted>", ()))
    assert not is_settled(Redaction(("a",), "https://u:p@host", ()))
    assert not is_settled(Redaction(("a", "name"), "<value_redacted>", ()))
