"""A value is explained by the places that made it, and no secret is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowops.errors import InputError, UsageError
from flowops.explain.findings import FINDINGS
from flowops.explain.refusals import REFUSALS
from flowops.explain.rules import _GUARD_WORDS, explain_rule, known_rules
from flowops.explain.values import ExplainedValue, explain_value, path_text
from flowops.guards import GUARDS, Override
from flowops.systems.connect.rules.registry import RULES as FLOW_RULES
from flowops.systems.connect.rules.rule import Rule
from flowops.systems.connect.rules.view_registry import VIEW_RULES
from flowops.systems.connect.rules.view_rule import ViewRule
from tests.support.builders import sources_from
from tests.support.projects import EXAMPLE, Result, copy_example, run

RULES: tuple[Rule | ViewRule, ...] = (*FLOW_RULES, *VIEW_RULES)
EVERY = len(GUARDS) + len(REFUSALS) + len(RULES) + len(FINDINGS)
BASE = """\
variables:
  kafka: kafka.base:9092
  gone: x
  host.name: h
secrets:
  password: {env: KAFKA_PASSWORD}
flows:
  A/B:
    config:
      "*":
        "*": {servers: "{{ kafka }}", login: "x={{ password }}", old: 1}
    references:
      queue: {Sales: Sales, Token: "Name of {{ kafka }}"}
"""
CHILD = """\
extends: base
variables:
  kafka: kafka.this:9092
  gone:
flows:
  A/B:
    config:
      "*":
        "*":
          old:
"""
FILES = {"environments/base.yaml": BASE, "environments/this.yaml": CHILD}


def explain(
    path: str, child: str = CHILD, base: str = BASE, **variables: str
) -> list[ExplainedValue]:
    files = {"environments/base.yaml": base, "environments/this.yaml": child}
    return explain_value(path, "this", sources_from(files, variables))


def test_the_place_that_counts_comes_first() -> None:
    (found,) = explain("variables/kafka")

    assert found.value == "kafka.this:9092"
    assert [f"{origin.location} {origin.typed}" for origin in found.chain] == [
        "environments/this.yaml:3:10 kafka.this:9092",
        "environments/base.yaml:2:10 kafka.base:9092",
    ]


def test_three_layers_are_a_chain_of_three() -> None:
    files = FILES | {
        "environments/top.yaml": "extends: this\nvariables: {kafka: kafka.top}\n"
    }
    (found,) = explain_value("variables/kafka", "top", sources_from(files))

    assert [origin.typed for origin in found.chain] == [
        "kafka.top",
        "kafka.this:9092",
        "kafka.base:9092",
    ]


def test_a_null_removes() -> None:
    (found,) = explain("variables/gone")

    assert found.value is None
    assert [origin.typed for origin in found.chain] == ["null", "x"]


def test_a_template_is_shown_as_typed_and_as_filled() -> None:
    (found,) = explain("flows/A%2FB/config/*/*/servers")

    assert found.value == "kafka.this:9092"
    assert found.uses == ("variables/kafka",)
    assert [origin.typed for origin in found.chain] == ["{{ kafka }}"]


def test_a_secret_is_only_its_source() -> None:
    (source,) = explain("secrets/password", KAFKA_PASSWORD="hunter2")
    (used,) = explain("flows/A%2FB/config/*/*/login", KAFKA_PASSWORD="hunter2")

    assert (source.path, source.value) == (
        "secrets/password/env",
        "{env: KAFKA_PASSWORD}",
    )
    assert used.value == "x=<password_redacted>"
    assert used.uses == ("secrets/password",)
    assert "hunter2" not in repr((source, used))


def test_a_mapping_is_each_value_below_it() -> None:
    found = explain("flows/A%2FB")

    assert [v.path.removeprefix("flows/A%2FB/") for v in found] == [
        "config/*/*/servers",
        "config/*/*/login",
        "config/*/*/old",
        "references/queue/Sales",
        "references/queue/Token",
    ]
    assert [v.path for v in explain("")] == [v.path for v in explain("/")]
    assert len(explain("")) == 10


def test_every_path_that_is_given_can_be_asked_for() -> None:
    for found in explain(""):
        assert explain(found.path) == [found]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["a", "b.c", "d e"], "a/b.c/d e"),
        (["a/b"], "a%2Fb"),
        (["a%2Fb"], "a%252Fb"),
        (["100%"], "100%25"),
    ],
)
def test_keys_are_written_so_that_they_can_be_typed(keys: list[str], text: str) -> None:
    assert path_text(keys) == text
    child = f"flows: {{F: {{references: {{queue: {{{json.dumps(keys[0])}: v}}}}}}}}"
    (found,) = explain(f"flows/F/references/queue/{path_text(keys[:1])}", child)
    assert found.value == "v"


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        (
            "variable/kafka",
            "this.yaml:1:1: the environment has no key 'variable'",
            "did you mean 'variables'?",
        ),
        (
            "variables/kafak",
            "this.yaml:3:3: variables has no key 'kafak'",
            "did you mean 'variables/kafka'?",
        ),
        (
            "flows/A%2FC/config",
            "this.yaml:6:3: flows has no key 'A/C'",
            "did you mean 'flows/A%2FB'?",
        ),
        (
            "variables/zzz",
            "this.yaml:3:3: variables has no key 'zzz'",
            "there are: 'kafka', 'gone', 'host.name'",
        ),
        (
            "variables/kafka/deeper",
            "this.yaml:3:10: variables/kafka is a value: there is no key below it",
            "",
        ),
        (
            "variables/gone/deeper",
            "this.yaml:4:8: variables/gone is taken away here, with all that was",
            "",
        ),
    ],
)
def test_a_path_to_nothing_names_the_level_and_a_near_miss(
    path: str, message: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        explain(path)

    assert str(caught.value).startswith(f"environments/{message}")
    assert caught.value.hint == hint


def test_a_null_takes_away_a_whole_mapping() -> None:
    (found,) = explain("variables", "extends: base\nvariables:\nflows:\n")

    assert found.value is None
    assert [origin.typed for origin in found.chain] == ["null", "a mapping of keys"]


def test_a_template_that_cannot_be_filled_is_a_problem_of_its_own() -> None:
    child = 'flows: {F: {config: {n: {t: {p: "{{ nowhere }}", q: 1, r: [x]}}}}}'
    template, value, listed = explain("flows", child)

    assert "'nowhere', which is not defined" in template.problem
    assert (template.value, template.uses) == ("{{ nowhere }}", ())
    assert (value.value, value.problem) == ("1", "")
    assert "a list is no value here" in listed.problem


def test_a_variable_is_explained_with_those_it_is_filled_from() -> None:
    child = "extends: base\nvariables: {host: b}"
    (found,) = explain(
        "variables/url", child, "variables: {url: 'h/{{ host }}', host: a}"
    )

    assert (found.value, found.uses) == ("h/b", ("variables/host",))
    assert [str(place) for place in found.places] == ["environments/this.yaml:2:19"]


def test_braces_outside_of_templates_are_text() -> None:
    (found,) = explain("secrets/a", 'secrets: {a: {env: "{{ b }}"}}')

    assert (found.uses, found.problem) == ((), "")


@pytest.mark.parametrize(
    ("child", "shown"),
    [
        ("variables: {db_password: hunter2}", "<password_redacted>"),
        ('variables: {url: "http://me:hunter2@host/"}', "http://<username_redacted>"),
        (
            (
                "flows: {F: {config: {n: {t: {properties.sasl.jaas.config: "
                '\'x.LoginModule required username="{{ u }}" password="hunter2";\'}}}}}'
            ),
            'username="{{ u }}" password="<password_redacted>"',
        ),
        (
            (
                "variables: {u: me}\nflows: {F: {config: {n: {t: {p.password: "
                '"hunter{{ u }}2"}}}}}'
            ),
            "<password_redacted>",
        ),
        (
            "flows: {F: {config: {n: {t: {p.password: '{{ \"hunter2\" }}'}}}}}",
            "<password_redacted>",
        ),
        ("extends: base\nsecrets: {password: }", "a text that is not shown"),
    ],
)
def test_what_was_typed_in_the_clear_is_hidden(child: str, shown: str) -> None:
    base = "secrets: {password: hunter2}"
    found = explain("", child, base)

    assert "hunter" not in repr(found)
    assert shown in repr(found).replace("\\'", "'")


def test_a_resource_may_be_called_like_a_secret() -> None:
    (found,) = explain("flows/A%2FB/references/queue/Token")

    assert found.value == "Name of kafka.this:9092"
    assert found.chain[0].typed == "Name of {{ kafka }}"


# Rules and guards.


def test_every_guard_is_explained_in_words() -> None:
    assert _GUARD_WORDS.keys() == {guard.name for guard in GUARDS}
    for guard in GUARDS:
        rule = explain_rule(guard.name)
        allowed = f"--allow {guard.name}" in rule.text
        assert allowed is (guard.override is not Override.NEVER)
        assert rule.hint == guard.hint
        assert rule.text.startswith(_GUARD_WORDS[guard.name][1])


def test_every_rule_of_connect_is_explained_in_words() -> None:
    for rule in RULES:
        found = explain_rule(rule.id)
        assert (found.sort, found.title) == ("rule", rule.title)
        assert found.text.startswith(rule.text)
        assert rule.source in found.text
    assert "An error fails the check" in explain_rule("connect/start-missing").text


def test_guards_and_rules_are_listed_by_name() -> None:
    names = [(rule.sort, rule.name) for rule in known_rules()]

    assert names == sorted(names)
    assert len({name for _, name in names}) == EVERY


def test_each_finding_says_what_it_means_and_what_to_do() -> None:
    for name, words in FINDINGS.items():
        rule = explain_rule(name)
        assert (rule.title, rule.text, rule.hint) == words
        assert all(words)


def test_each_refusal_says_why_and_what_to_do() -> None:
    for name, (title, text, hint) in REFUSALS.items():
        rule = explain_rule(name)
        assert (rule.sort, rule.title, rule.hint) == ("guard", title, hint)
        assert rule.text == f"{text} It ends with exit code 3. It cannot be set aside."
    assert not REFUSALS.keys() & {guard.name for guard in GUARDS}


def test_an_unknown_rule_has_a_near_miss() -> None:
    with pytest.raises(UsageError, match="no rule or guard 'dirty-three'") as caught:
        explain_rule("dirty-three")
    step = "To explain a value, add --env NAME"
    assert caught.value.hint == f"did you mean 'dirty-tree'? {step}"
    with pytest.raises(UsageError) as caught:
        explain_rule("zzz")
    assert caught.value.hint == f"--list names all of them. {step}"


# The command.


def command(*words: str, root: Path = EXAMPLE) -> Result:
    return run("explain", *words, "--project", str(root))


def test_the_command_prints_a_value_with_its_chain() -> None:
    result = command("variables/kafka", "--env", "staging")

    assert result.code == 0
    assert result.out == (
        "variables/kafka: kafka.staging:9093\n"
        "    environments/staging.yaml:15:10: kafka.staging:9093\n"
        "    instead of environments/base.yaml:3:10: kafka.development:9093\n"
    )


def test_the_command_prints_what_a_template_is_filled_from() -> None:
    path = "flows/Large orders/config/*/*/properties.bootstrap.servers"
    result = command(path, "--env", "production")

    assert result.out == (
        f"{path}: kafka-1.production:9093,kafka-2.production:9093\n"
        "    filled from variables/kafka at environments/production.yaml:15:10\n"
        "    environments/base.yaml:14:41: {{ kafka }}\n"
    )


def test_the_command_says_that_a_null_removes(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    staging = root / "environments" / "staging.yaml"
    text = staging.read_text("utf-8").replace("kafka: kafka.staging:9093", "kafka:")
    staging.write_text(text, "utf-8")
    result = command("variables/kafka", "--env", "staging", root=root)

    assert result.out.splitlines()[:2] == [
        "variables/kafka: taken away",
        "    environments/staging.yaml:15:9: null, which takes away",
    ]
    broken = command("flows", "--env", "staging", root=root)
    assert broken.code == 1
    assert "cannot be filled: the template uses 'kafka'" in broken.out


def test_the_command_writes_json() -> None:
    def document(*words: str) -> dict[str, Any]:
        found = json.loads(command(*words, "--format", "json").out)
        assert isinstance(found, dict)
        return found

    values = document("variables/kafka", "--env", "staging")
    assert values["format_version"] == "1.0"
    assert values["values"][0]["chain"][1] == {
        "path": "environments/base.yaml",
        "line": 3,
        "column": 10,
        "typed": "kafka.development:9093",
    }
    assert len(document("--list")["rules"]) == EVERY
    assert document("deletes")["rules"][0]["sort"] == "guard"


def test_a_word_is_a_guard_without_an_environment_and_a_path_with_one() -> None:
    guard = command("deletes")
    assert (guard.code, guard.out.split(":")[0]) == (0, "guard deletes")
    assert "What to do: keep the flows" in guard.out

    path = command("deletes", "--env", "staging")
    assert path.code == 1
    assert "the environment has no key 'deletes'" in path.err

    value = command("variables/kafka")
    assert value.code == 64
    assert "add --env NAME" in value.err


@pytest.mark.parametrize(
    "words", [(), ("--list", "deletes"), ("--list", "--env", "staging")]
)
def test_a_command_line_that_asks_for_nothing_clear_is_refused(
    words: tuple[str, ...],
) -> None:
    assert command(*words).code == 64


def test_the_list_names_every_guard_and_rule() -> None:
    out = command("--list").out

    assert [line.split()[1] for line in out.splitlines()] == [
        *sorted([*(guard.name for guard in GUARDS), *REFUSALS]),
        *sorted([*(rule.id for rule in RULES), *FINDINGS]),
    ]


def test_a_rule_with_a_slash_is_a_rule_without_an_environment() -> None:
    rule = command("connect/start-missing")

    assert rule.code == 0
    assert rule.out.startswith("rule connect/start-missing: ")


def test_an_unknown_environment_is_an_error_with_a_near_miss() -> None:
    result = command("variables", "--env", "stagin")

    assert result.code == 1
    assert "did you mean 'staging'?" in result.err


def test_control_characters_are_not_printed(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    place = root / "environments" / "hostile.yaml"
    place.write_text('variables: {"a\\e[31m": "\\e]0;x\\a"}\n', "utf-8")

    assert "\x1b" not in command("variables", "--env", "hostile", root=root).out
