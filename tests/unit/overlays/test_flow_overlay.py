from __future__ import annotations

from collections.abc import Mapping

import pytest

from flowops.errors import InputError
from flowops.model import ReferenceForm
from flowops.overlays.flow_overlay import (
    FlowOverlays,
    read_overlays,
    unfillable,
)
from flowops.overlays.unmatched import unmatched
from flowops.secrets import Secret, Text, open_text
from flowops.systems.protocol import Flow
from tests.support.builders import (
    environment_from,
    flow_with,
    lines_of,
    reference_to,
)

SETTINGS: Mapping[str, Text] = {
    "orders/source/topic": "orders",
    "orders/source/servers": "old",
    "orders/sink/topic": "large",
    "payments/source/topic": "payments",
}
SALES = reference_to("queue", "arn:1", name="Sales", suffix=":1")
GREETING = reference_to("prompt", "p-1", ReferenceForm.ID, name="Greeting")
UNNAMED = reference_to("queue", "q-2", ReferenceForm.ID)


def overlays_from(text: str, *, base: str = "") -> FlowOverlays:
    variables = {"PASSWORD": "hunter2"}
    environment = environment_from(text, base=base, variables=variables)
    return read_overlays(environment)


def config(*lines: str, flow: str = "Orders") -> str:
    """Write rules, each a node, a table and the properties of that table."""
    shown = "".join(f"      {line}\n" for line in lines)
    return f"flows:\n  '{flow}':\n    config:\n{shown}"


def orders() -> Flow:
    return flow_with("Orders", SETTINGS, [SALES, GREETING, UNNAMED])


def changed(overlays: FlowOverlays, flow: Flow | None = None) -> dict[str, str]:
    """Return the settings that differ from the flow's own, as ``node/table/name``."""
    flow = flow or orders()
    before = {f"{s.node}/{s.table}/{s.name}": str(s.value) for s in flow.settings}
    after = {
        f"{s.node}/{s.table}/{s.name}": str(s.value) for s in overlays.settings(flow)
    }
    gone = dict.fromkeys(before.keys() - after.keys(), "(gone)")
    return {k: v for k, v in after.items() if before.get(k) != v} | gone


def problems(text: str, *flows: Flow) -> list[str]:
    return lines_of(unmatched(overlays_from(text), flows or [orders()]))


def test_an_environment_without_flows_changes_nothing() -> None:
    overlays = overlays_from("")

    assert set(overlays.settings(orders())) == set(orders().settings)
    assert overlays.reference(orders(), SALES) is None
    assert overlays.word(orders(), "status", "published") == "published"
    assert unmatched(overlays, [orders()]) == []
    assert unfillable(overlays) == []


def test_a_property_is_set_in_one_table() -> None:
    overlays = overlays_from(config("orders: {source: {topic: other}}"))

    assert changed(overlays) == {"orders/source/topic": "other"}
    (found,) = [s for s in overlays.settings(orders()) if s.value == "other"]
    assert str(found.origin) == "environments/this.yaml:4:32"


def test_patterns_reach_every_node_and_table() -> None:
    overlays = overlays_from(config("'*': {'s?urce': {topic: x}}", flow="[OP]*"))

    assert changed(overlays) == {
        "orders/source/topic": "x",
        "payments/source/topic": "x",
    }
    assert changed(overlays, flow_with("Others", SETTINGS)) == changed(overlays)
    assert changed(overlays, flow_with("others", SETTINGS)) == {}


def test_a_property_is_added_and_another_taken_away() -> None:
    overlays = overlays_from(config("orders: {source: {new: 1, servers: null}}"))

    assert changed(overlays) == {
        "orders/source/new": "1",
        "orders/source/servers": "(gone)",
    }


def test_a_property_is_not_added_to_a_table_that_is_not_there() -> None:
    overlays = overlays_from(config("payments: {'*': {new: 1}}"))

    assert changed(overlays) == {"payments/source/new": "1"}


def test_settings_keep_the_order_of_the_flows_tables() -> None:
    overlays = overlays_from(config("'*': {'*': {a: 1}}"))

    assert [(s.node, s.table, s.name) for s in overlays.settings(orders())] == [
        ("orders", "source", "a"),
        ("orders", "source", "servers"),
        ("orders", "source", "topic"),
        ("orders", "sink", "a"),
        ("orders", "sink", "topic"),
        ("payments", "source", "a"),
        ("payments", "source", "topic"),
    ]


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        # A name beats a pattern, wherever it stands.
        (("orders: {source: {topic: name}}", "'*': {source: {topic: glob}}"), "name"),
        (("'*': {source: {topic: glob}}", "orders: {source: {topic: name}}"), "name"),
        # The node counts more than the table.
        (("'*': {source: {topic: b}}", "orders: {'*': {topic: a}}"), "a"),
        (("orders: {'*': {topic: a}}", "'*': {source: {topic: b}}"), "a"),
        # Among equals the later one counts.
        (("'o*': {source: {topic: 1}}", "'or*': {source: {topic: 2}}"), "2"),
        (("'or*': {source: {topic: 2}}", "'o*': {source: {topic: 1}}"), "1"),
    ],
)
def test_which_rule_counts(lines: tuple[str, ...], value: str) -> None:
    assert changed(overlays_from(config(*lines)))["orders/source/topic"] == value


def test_the_name_of_a_flow_counts_more_than_that_of_a_node() -> None:
    overlays = overlays_from(
        "flows:\n"
        "  Orders: {config: {'*': {'*': {topic: flow}}}}\n"
        "  '*': {config: {orders: {source: {topic: node}}}}"
    )

    assert set(changed(overlays).values()) == {"flow"}


def test_a_name_with_the_signs_of_a_pattern_is_a_name() -> None:
    flow = flow_with("Orders [EU]", {"what?/a*/topic": "x"})
    overlays = overlays_from(
        "flows:\n"
        "  'Orders [EU]': {status: saved, config: {'what?': {'a*': {topic: name}}}}\n"
        "  '*': {status: published, config: {'*': {'*': {topic: glob}}}}"
    )

    assert changed(overlays, flow) == {"what?/a*/topic": "name"}
    assert overlays.word(flow, "status", "") == "saved"


def test_a_null_for_a_name_beats_a_value_for_a_pattern() -> None:
    overlays = overlays_from(
        config("orders: {source: {topic: null}}", "'*': {'*': {topic: x}}")
    )

    assert changed(overlays)["orders/source/topic"] == "(gone)"


def test_a_child_beats_its_parent_with_the_same_pattern() -> None:
    overlays = overlays_from(
        "extends: base\n" + config("'*': {source: {topic: child}}"),
        base=config("'*': {source: {topic: base, servers: base}}"),
    )

    assert changed(overlays)["orders/source/topic"] == "child"
    assert changed(overlays)["orders/source/servers"] == "base"


def test_a_child_beats_a_later_pattern_of_its_parent() -> None:
    base = config("'o*': {source: {topic: 1}}", "'or*': {source: {topic: 2}}")
    child = "extends: base\n" + config("'o*': {source: {topic: 3}}")

    assert changed(overlays_from(child, base=base)) == {"orders/source/topic": "3"}


def test_a_child_that_touches_another_property_leaves_the_order() -> None:
    base = config("'o*': {source: {topic: 1}}", "'or*': {source: {topic: 2}}")
    child = "extends: base\n" + config("'o*': {source: {servers: 3}}")

    assert changed(overlays_from(child, base=base)) == {
        "orders/source/topic": "2",
        "orders/source/servers": "3",
    }


def test_a_name_of_the_parent_beats_a_pattern_of_the_child() -> None:
    base = config("orders: {source: {topic: name}}")
    child = "extends: base\n" + config("'*': {source: {topic: glob}}")

    assert changed(overlays_from(child, base=base))["orders/source/topic"] == "name"


@pytest.mark.parametrize(
    "child",
    [
        "flows: null",
        "flows: {Orders: null}",
        "flows: {Orders: {config: null}}",
        "flows: {Orders: {config: {orders: null}}}",
        "flows: {Orders: {config: {orders: {source: null}}}}",
    ],
)
def test_a_null_takes_away_the_rules_of_the_parent(child: str) -> None:
    overlays = overlays_from(
        f"extends: base\n{child}", base=config("orders: {source: {topic: x}}")
    )

    assert changed(overlays) == {}
    assert unmatched(overlays, [orders()]) == []


def test_a_null_for_a_property_of_the_parent_takes_away_the_flows_too() -> None:
    overlays = overlays_from(
        "extends: base\n" + config("orders: {source: {topic: null}}"),
        base=config("orders: {source: {topic: x}}"),
    )

    assert changed(overlays) == {"orders/source/topic": "(gone)"}
    assert unmatched(overlays, [orders()]) == []


def test_properties_are_templates() -> None:
    overlays = overlays_from(
        "variables: {kafka: k:9092}\n"
        "secrets: {password: {env: PASSWORD}}\n"
        + config(
            "orders:",
            "  source: {servers: '{{ kafka }}', login: 'p={{ password }}'}",
        )
    )

    values = {s.name: s.value for s in overlays.settings(orders()) if s.table != "sink"}

    assert values["servers"] == "k:9092"
    assert isinstance(values["login"], Secret)
    assert str(values["login"]) == "p=<password_redacted>"
    assert open_text(values["login"]) == "p=hunter2"
    assert overlays.names_used(orders()) == {"kafka", "password"}
    assert overlays.names_used(flow_with("Other", SETTINGS)) == frozenset()


def test_names_of_a_property_that_is_taken_away_are_not_used() -> None:
    overlays = overlays_from(
        "variables: {a: 1}\n" + config("orders: {'*': {topic: null}}")
    )

    assert overlays.names_used(orders()) == frozenset()


@pytest.mark.parametrize("value", ["1e3", "0777", "yes", "true", "1_000", "1.50"])
def test_properties_are_kept_as_typed(value: str) -> None:
    overlays = overlays_from(config(f"orders: {{source: {{topic: {value}}}}}"))

    assert changed(overlays) == {"orders/source/topic": value}


def test_templates_that_cannot_be_filled_are_all_found() -> None:
    overlays = overlays_from(
        config("orders: {source: {topic: '{{ a }}', servers: '{{ b', x: null, y: z}}")
    )

    first, second = lines_of(unfillable(overlays))
    assert first.startswith("environments/this.yaml:4:32: the template uses 'a', whic")
    assert second.startswith("environments/this.yaml:4:52: the template cannot be fil")
    with pytest.raises(InputError, match="'a', which is not defined"):
        overlays.settings(orders())


def references(*lines: str, flow: str = "Orders") -> str:
    shown = "".join(f"      {line}\n" for line in lines)
    return f"flows:\n  '{flow}':\n    references:\n{shown}"


@pytest.mark.parametrize("source", ["Sales", "arn:1", "arn"])
def test_a_reference_is_mapped_by_name_value_or_key(source: str) -> None:
    reference = reference_to("queue", "arn:1", name="Sales", suffix=":1")
    overlays = overlays_from(references(f"queue: {{'{source}': Sales EMEA}}"))

    rule = overlays.reference(orders(), reference)

    assert rule is not None
    assert rule.target == "Sales EMEA"
    assert str(rule.location).startswith("environments/this.yaml:4:15")


def test_a_reference_of_another_kind_flow_or_name_is_not_mapped() -> None:
    overlays = overlays_from(references("queue: {Sales: x}"))

    assert overlays.reference(orders(), GREETING) is None
    assert overlays.reference(orders(), UNNAMED) is None
    assert overlays.reference(flow_with("Other"), SALES) is None


def mapped(text: str, *, base: str = "") -> str:
    rule = overlays_from(text, base=base).reference(orders(), SALES)
    return rule.target if rule else "(nothing)"


def test_which_reference_rule_counts() -> None:
    name = "  Orders: {references: {queue: {Sales: name}}}\n"
    glob = "  '*': {references: {queue: {Sales: glob}}}\n"
    other = "  'O*': {references: {queue: {Sales: other}}}\n"

    assert mapped(f"flows:\n{name}{glob}") == "name"
    assert mapped(f"flows:\n{glob}{name}") == "name"
    assert mapped(f"flows:\n{glob}{other}") == "other"
    assert mapped(f"flows:\n{other}{glob}") == "glob"
    assert mapped(f"extends: base\nflows:\n{other}", base=f"flows:\n{glob}") == "other"
    assert mapped(f"extends: base\nflows:\n{glob}", base=f"flows:\n{name}") == "name"
    child = f"extends: base\nflows:\n{glob.replace('glob', 'child')}"
    assert mapped(child, base=f"flows:\n{glob}{other}") == "child"


@pytest.mark.parametrize("child", ["{Sales: null}", "null"])
def test_a_null_takes_away_a_mapping(child: str) -> None:
    text = "extends: base\n" + references(f"queue: {child}")

    assert mapped(text, base=references("queue: {Sales: x}")) == "(nothing)"


def test_mappings_are_templates_but_no_secrets() -> None:
    text = "variables: {region: EMEA}\n"
    assert mapped(text + references("queue: {Sales: 'S {{ region }}'}")) == "S EMEA"

    secret = "secrets: {s: {env: PASSWORD}}\n"
    with pytest.raises(InputError, match="cannot be a secret") as refusal:
        overlays_from(secret + references("queue: {Sales: '{{ s }}'}"))
    assert str(refusal.value).startswith("environments/this.yaml:5:15: ")


@pytest.mark.parametrize("key", ["status", "type"])
def test_which_word_counts(key: str) -> None:
    def word(text: str, base: str = "") -> str:
        return overlays_from(text, base=base).word(orders(), key, "default")

    name = f"  Orders: {{{key}: saved}}\n"
    glob = f"  '*': {{{key}: published}}\n"
    assert word(f"flows:\n{name}{glob}") == "saved"
    assert word(f"flows:\n{glob}{name}") == "saved"
    assert word(f"flows:\n{glob}") == "published"
    assert word("flows:\n  Other: {status: saved, type: saved}") == "default"
    other = f"  'O*': {{{key}: saved}}\n"
    assert word(f"flows:\n{other}{glob}") == "published"
    assert word(f"extends: base\nflows:\n{other}", f"flows:\n{glob}") == "saved"
    again = f"extends: base\nflows:\n{other.replace('saved', 'published')}"
    assert word(again, f"flows:\n{other}{glob.replace('published', 'saved')}") == (
        "published"
    )
    assert word(f"extends: base\nflows: {{Orders: {{{key}: null}}}}", f"flows:\n{name}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flows: {Orders: x}", "1:9: a flow must be a mapping of keys"),
        ("flows: {Orders: [x]}", "1:9: a flow must be a mapping of keys"),
        ("flows: {Orders: {confg: {}}}", "1:18: a flow has no key 'confg' (did you me"),
        ("flows: {Orders: {status: publish}}", "1:18: the status 'publish' does not e"),
        ("flows: {Orders: {status: [saved]}}", "status must be a text"),
        ("flows: {Orders: {status: {a: b}}}", "status must be a text"),
        ("flows: {Orders: {type: [a]}}", "type must be a text"),
        ("flows: {Orders: {config: x}}", "config must be a mapping of keys"),
        ("flows: {Orders: {config: {a: x}}}", "1:27: config reads node: table: prop"),
        ("flows: {Orders: {config: {a: {b: x}}}}", "config reads node: table: propert"),
        (
            "flows: {Orders: {config: {a: {b: {c: {}}}}}}",
            "1:35: the property c must be",
        ),
        ("flows: {Orders: {config: {a: [b]}}}", "config reads node: table: property"),
        ("flows: {Orders: {references: x}}", "references must be a mapping of keys"),
        (
            "flows: {Orders: {references: {queue: x}}}",
            "references of kind queue must b",
        ),
        ("flows: {Orders: {references: {queue: {a: [b]}}}}", "queue a must be a text"),
        ("flows: {Orders: {references: {queue: {a: {}}}}}", "queue a must be a text"),
    ],
)
def test_what_an_overlay_may_not_say(text: str, words: str) -> None:
    with pytest.raises(InputError) as refusal:
        overlays_from(text)

    assert words in str(refusal.value)
    assert str(refusal.value).startswith("environments/this.yaml:1:")


def test_a_list_is_no_property() -> None:
    overlays = overlays_from(config("orders: {source: {topic: [a]}}"))

    with pytest.raises(InputError, match="the property topic must be a text"):
        overlays.settings(orders())
    assert len(unfillable(overlays)) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "flows: {Order: {}}",
            "1:9: no flow is called 'Order' (did you mean 'Orders'?)",
        ),
        ("flows: {'X*': {}}", "1:9: no flow is called 'X*' (there are: Orders)"),
        ("flows: {orders: null}", "1:9: no flow is called 'orders' (did you mean 'Or"),
        (
            config("order: {source: {topic: x}}"),
            "4:31: no node is called 'order' (did you mean 'orders'?)",
        ),
        (
            config("'x*': {source: {topic: x}}"),
            "4:30: no node is called 'x*' (there are: orders, payments)",
        ),
        (
            config("orders: {sorce: {topic: x}}"),
            "4:31: no table of that node is called 'sorce' (did you mean 'source'?)",
        ),
        (
            config("payments: {sink: {topic: x}}"),
            "4:32: no table of that node is called 'sink' (there are: source)",
        ),
        (
            config("orders: {source: {topik: null}}"),
            "4:32: there is no property 'topik' to take away (did you mean 'topic'?)",
        ),
        (
            references("quue: {Sales: x}"),
            "4:14: the flow refers to nothing of kind 'quue' (did you mean 'queue'?)",
        ),
        (
            references("queue: {Sale: x}"),
            "4:15: the flow does not refer to queue 'Sale' (did you mean 'Sales'?)",
        ),
        (
            references("prompt: {Sales: x}"),
            "4:16: the flow does not refer to prompt 'Sales' (there are: Greeting)",
        ),
    ],
)
def test_what_matches_nothing_is_an_error(text: str, problem: str) -> None:
    (found,) = problems(text)

    assert found.startswith(f"environments/this.yaml:{problem}")


def test_one_flow_that_matches_is_enough() -> None:
    other = flow_with("Other", {"a/b/c": "d"}, [GREETING])
    text = config("orders: {source: {topic: x}}", flow="*")

    assert problems(text, other, orders()) == []
    assert len(problems(text, other)) == 1
    assert problems(references("queue: {Sales: x}", flow="*"), other, orders()) == []


def test_properties_for_a_flow_that_has_none_are_an_error() -> None:
    flow = flow_with("Orders", references=[SALES], system="connect")

    (found,) = problems(config("'*': {'*': {topic: x}}"), flow)

    assert found.startswith(
        "environments/this.yaml:4:26: the flow has no properties, so topic is for noth"
    )


def test_references_for_a_flow_that_has_none_are_an_error() -> None:
    (found,) = problems(references("queue: {Sales: x}"), flow_with("Orders"))

    assert "the flow refers to nothing of kind 'queue' (there are: none)" in found


def test_what_is_for_an_unknown_flow_is_reported_once() -> None:
    text = config("orders: {source: {topic: x}}", flow="Nobody")

    assert len(problems(text)) == 1


def test_taking_away_what_another_rule_adds_is_no_error() -> None:
    text = config("'*': {'*': {added: x}}", "orders: {source: {added: null}}")

    assert problems(text) == []


def test_no_flows_at_all() -> None:
    overlays = overlays_from(config("orders: {source: {topic: x}}"))

    assert len(unmatched(overlays, [])) == 1
