"""Variables over variables, where they stand, and those that fill nothing."""

from __future__ import annotations

import pytest

from flowops.errors import InputError
from flowops.overlays.environment import idle_in, load_environment
from flowops.overlays.flow_overlay import read_overlays
from flowops.overlays.idle import MisspeltError
from flowops.overlays.templates import MAXIMUM_LENGTH, LackingError
from flowops.secrets import Secret, open_text
from tests.support.builders import environment_from, flow_with, sources_from

ORDERS = flow_with("Orders", {"orders/source/servers": "old"})
USED = "flows: {Orders: {config: {orders: {source: {servers: '{{ kafka }}'}}}}}\n"


def idle(name: str, **files: str) -> list[str]:
    paths = {f"environments/{file}.yaml": text for file, text in files.items()}
    return [str(error) for error in idle_in(name, sources_from(paths))]


def test_a_variable_is_filled_from_others_in_any_order() -> None:
    environment = environment_from(
        "extends: base\n"
        "variables: {url: 'http://{{ host }}:{{ port }}', host: '{{ zone }}.local'}\n",
        base="variables: {zone: eu, port: 1}",
    )

    assert environment.values["url"] == "http://eu.local:1"


def test_a_child_changes_what_a_variable_of_its_parent_is_filled_from() -> None:
    base = "variables: {kafka: '{{ host }}:9092', host: a}"

    assert environment_from("extends: base", base=base).values["kafka"] == "a:9092"
    child = "extends: base\nvariables: {host: b}"
    assert environment_from(child, base=base).values["kafka"] == "b:9092"


def test_a_name_that_is_not_defined_is_told_with_a_near_one() -> None:
    with pytest.raises(LackingError) as caught:
        environment_from("variables: {kafka: '{{ hots }}', host: h}")

    assert str(caught.value) == (
        "environments/this.yaml:1:20: the template uses 'hots', which is not defined "
        "(did you mean 'host'?)"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{a: '{{ a }}'}", "1:16: variables in a circle: a uses a"),
        ("{a: '{{ b }}', b: '{{ a }}'}", "variables in a circle: "),
        ("{a: '{{ b '}", "1:16: the template cannot be filled"),
        ("{a: '{% for x in y %}'}", "1:16: "),
    ],
)
def test_a_variable_that_cannot_be_filled_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        environment_from(f"variables: {text}")

    assert words in str(caught.value)


def test_a_long_circle_is_not_told_in_full() -> None:
    names = [f"v{i}" for i in range(2000)]
    pairs = zip(names, [*names[1:], names[0]], strict=True)
    text = "".join(f"  {name}: '{{{{ {other} }}}}'\n" for name, other in pairs)
    with pytest.raises(InputError) as caught:
        environment_from(f"variables:\n{text}")

    assert len(str(caught.value)) < 200


def test_variables_cannot_grow_without_an_end() -> None:
    lines = [f"  v{i}: '{{{{ v{i + 1} }}}}{{{{ v{i + 1} }}}}'\n" for i in range(40)]
    with pytest.raises(InputError, match="becomes too long"):
        environment_from(f"variables:\n{''.join(lines)}  v40: {'x' * 100}\n")
    assert MAXIMUM_LENGTH == 1_000_000


def test_a_variable_that_uses_a_secret_is_one() -> None:
    environment = environment_from(
        "variables: {login: 'me:{{ word }}', twice: '{{ login }},{{ login }}'}\n"
        "secrets: {password: {env: P}}\n".replace("word", "password", 1),
        variables={"P": "hunter2"},
    )

    for name, visible, value in (
        ("login", "me:<password_redacted>", "me:hunter2"),
        ("twice", ",".join(["me:<password_redacted>"] * 2), "me:hunter2,me:hunter2"),
    ):
        text = environment.values[name]
        assert isinstance(text, Secret)
        assert (str(text), open_text(text)) == (visible, value)


def test_a_long_row_of_variables_before_a_secret_is_opened() -> None:
    """Each is opened once, however many lie between it and the secret."""
    lines = [f"  v{i}: '{{{{ v{i + 1} }}}}'\n" for i in range(3000)]
    text = f"variables:\n{''.join(lines)}  v3000: '{{{{ s }}}}'\n"
    text += "secrets: {s: {env: S}}"

    environment = environment_from(text, variables={"S": "hunter2"})

    assert open_text(environment.values["v0"]) == "hunter2"


def test_a_missing_secret_behind_a_variable_is_one_that_the_flow_uses() -> None:
    environment = environment_from(
        f"{USED}variables: {{kafka: '{{{{ s }}}}'}}\nsecrets: {{s: {{env: S}}}}"
    )

    assert read_overlays(environment).names_used(ORDERS) == {"kafka", "s"}


def test_a_value_tells_where_the_variables_behind_it_stand() -> None:
    base = f"{USED}variables: {{kafka: '{{{{ host }}}}:9092', host: a}}\n"
    environment = environment_from("extends: base\nvariables: {host: b}", base=base)

    (setting,) = read_overlays(environment).settings(ORDERS)

    assert str(setting.origin) == "environments/base.yaml:1:54"
    assert setting.filled_from == (
        "host of environments/this.yaml:2:19, kafka of environments/base.yaml:2:20"
    )


def test_many_variables_behind_a_value_are_counted() -> None:
    names = [f"v{i}" for i in range(9)]
    text = "".join(f"  {name}: x\n" for name in names)
    used = "".join(f"{{{{ {name} }}}}" for name in names)
    environment = environment_from(f"variables:\n{text}  kafka: '{used}'\n{USED}")

    (setting,) = read_overlays(environment).settings(ORDERS)

    assert setting.filled_from.endswith("v2 of environments/this.yaml:4:7 and 6 more")


def test_a_mapping_tells_where_its_variable_stands() -> None:
    text = "flows: {Main: {references: {queue: {Sales: '{{ queue }}'}}}}\n"
    environment = environment_from(f"{text}variables: {{queue: Sales EMEA}}")

    (rule,) = read_overlays(environment).references

    assert rule.origin == (
        "environments/this.yaml:1:37 filled from queue of environments/this.yaml:2:20"
    )


def test_a_typo_in_a_child_is_told_with_the_name_it_is_near() -> None:
    base = f"{USED}variables: {{kafka: a}}"

    assert idle("child", base=base, child="extends: base\nvariables: {kafak: b}") == [
        (
            "environments/child.yaml:2:13: nothing is filled from the variable 'kafak' "
            "(did you mean 'kafka'?)"
        )
    ]
    assert idle("base", base=base, child="extends: base\nvariables: {kafka: b}") == []


def test_only_what_the_file_leaves_out_can_be_a_typo() -> None:
    base = f"{USED}variables: {{kafka: a}}"

    for child in ("{kafka: b, kafak: c}", "{other: c}", "{kept_word: c}"):
        (found,) = load_environment(
            "child",
            sources_from(
                {
                    "environments/base.yaml": base,
                    "environments/child.yaml": f"extends: base\nvariables: {child}",
                }
            ),
        ).idle
        assert not isinstance(found, MisspeltError)


def test_a_secret_that_fills_nothing_is_told() -> None:
    assert idle("a", a="secrets: {token: {env: T}}") == [
        (
            "environments/a.yaml:1:11: nothing is filled from the secret 'token' "
            "(write {{ token }} where it belongs, or take it out)"
        )
    ]


def test_a_parent_may_define_what_only_one_of_its_children_uses() -> None:
    files = {
        "top": "variables: {kafka: a, other: b}",
        "base": "extends: top",
        "one": f"extends: base\n{USED}",
        "two": "extends: base",
    }

    (found,) = idle("top", **files)
    assert "the variable 'other'" in found
    assert idle("two", **files) == []


def test_a_damaged_child_may_use_whatever_it_names() -> None:
    files = {"base": "variables: {kafka: a, other: b}", "bad": "extends: base\n[kafka"}

    (found,) = idle("base", **files)

    assert "the variable 'other'" in found


def test_a_name_counts_as_used_in_a_target_a_reference_and_a_used_variable() -> None:
    text = (
        "variables: {a: 1, b: '{{ a }}', c: 1, unused: '{{ alone }}', alone: 1}\n"
        "targets: {connect: {kind: sandbox, url: '{{ b }}'}}\n"
        "flows: {Main: {references: {queue: {Sales: '{{ c }}'}}}}\n"
    )

    assert [found.split("variable ")[1][:8] for found in idle("a", a=text)] == [
        "'unused'",
        "'alone' ",
    ]


def test_what_is_taken_away_fills_nothing_and_is_no_typo() -> None:
    assert idle("b", a="variables: {x: 1}", b="extends: a\nvariables: {x: null}") == []


def test_loading_tells_what_fills_nothing() -> None:
    files = {"environments/a.yaml": "variables: {x: 1}"}

    (found,) = load_environment("a", sources_from(files)).idle

    assert "the variable 'x'" in found.message
