from __future__ import annotations

import traceback

import pytest

from flowops.errors import InputError
from flowops.model import Location
from flowops.overlays.templates import (
    MAXIMUM_LENGTH,
    _compiled,
    fill,
    names_in,
)
from flowops.secrets import Secret, Text, open_text

PLACE = Location("environments/a.yaml", 7, 3)
VALUES: dict[str, Text] = {
    "kafka": "kafka.prod:9093",
    "empty": "",
    "password": Secret("hunter2", "<password_redacted>"),
}


def refusal_of(template: str) -> str:
    with pytest.raises(InputError) as refusal:
        open_text(fill(template, VALUES, PLACE))
    assert refusal.value.location == PLACE
    assert "hunter2" not in "".join(traceback.format_exception(refusal.value))
    return refusal.value.message


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("", ""),
        ("plain } text { 100% {# kept #}", "plain } text { 100% {# kept #}"),
        ("{{ kafka }}", "kafka.prod:9093"),
        ("a {{kafka}} b {{ kafka }}\n", "a kafka.prod:9093 b kafka.prod:9093\n"),
        ("{{ kafka | upper }}", "KAFKA.PROD:9093"),
        ("{{ 'A' | lower }}{{ ' b ' | trim }}", "ab"),
        ("{{ kafka | replace('prod', 'test') }}", "kafka.test:9093"),
        ("{{ empty | default('none', true) }}", "none"),
        ("{{ kafka ~ '/' ~ kafka | upper }}", "kafka.prod:9093/KAFKA.PROD:9093"),
        ("{{ 'yes' if kafka == 'x' else 'no' }}", "no"),
        (
            "{% if kafka in ['x', kafka] and not empty %}in{% else %}out{% endif %}",
            "in",
        ),
        ("{{ kafka is defined }}", "True"),
        ("{{ '{{ kafka }}' }}", "{{ kafka }}"),
        ("{% raw %}{{ kafka }}{% endraw %}", "{{ kafka }}"),
        ("{{ 1.5 }}", "1.5"),
    ],
)
def test_templates_are_filled(template: str, filled: str) -> None:
    assert fill(template, VALUES, PLACE) == filled


@pytest.mark.parametrize(
    "value", ["{{ password }}", "{% for %}", "}}", "<b>&", "\r\n", "{# x #}", "${x}"]
)
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    assert fill("[{{ a }}]", {"a": value}, PLACE) == f"[{value}]"


@pytest.mark.parametrize(
    ("template", "visible", "opened"),
    [
        ("{{ password }}", "<password_redacted>", "hunter2"),
        ('p="{{ password }}";', 'p="<password_redacted>";', 'p="hunter2";'),
        ("{{ kafka ~ password|upper }}", None, "kafka.prod:9093HUNTER2"),
        ("{{ 'a' if password else 'b' }}", "a", "a"),
        ("{% if password == 'hunter2' %}a{% else %}b{% endif %}", "b", "a"),
        ("{{ password | replace('hunter', 'x') }}", "<password_redacted>", "x2"),
    ],
)
def test_a_template_with_a_secret_is_a_secret(
    template: str, visible: str | None, opened: str
) -> None:
    filled = fill(template, VALUES, PLACE)

    assert isinstance(filled, Secret)
    assert filled.open() == opened
    assert "hunter2" not in f"{filled}{filled!r}".lower()
    assert visible is None or str(filled) == visible


def test_a_secret_that_is_not_used_seals_nothing() -> None:
    assert fill("{{ kafka }}", VALUES, PLACE) == "kafka.prod:9093"


def test_filling_does_not_open_a_secret() -> None:
    def absent() -> str:
        raise InputError("the secret has no value")

    filled = fill("a{{ p }}", {"p": Secret(absent, "<p>")}, PLACE)

    assert str(filled) == "a<p>"
    with pytest.raises(InputError, match="has no value"):
        open_text(filled)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ nobody }}", "the template uses 'nobody', which is not defined"),
        ("{{ nobody | default('x') }}", "'nobody', which is not defined"),
        ("{{ nobody if kafka == 'x' else kafka }}", "'nobody'"),
        ("{{ }}", "the template cannot be filled: Expected an expression"),
        ("{{ kafka", "the template cannot be filled: unexpected end of template"),
        ("{{ kafka }", "the template cannot be filled: unexpected '}'"),
        ("{% if kafka %}", "the template cannot be filled: Unexpected end of template"),
        ("{% nonsense %}", "the template cannot be filled: Encountered unknown tag"),
        ("{{ kafka {# }}", "the template cannot be filled"),
        ("{{ kafka | nonsense }}", "the template cannot be filled: No filter named"),
        ("{{ kafka is nonsense }}", "the template cannot be filled: No test named"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(template: str, words: str) -> None:
    assert words in refusal_of(template)


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("{{ kafka.__class__ }}", "getattr"),
        ("{{ kafka.upper }}", "getattr"),
        ("{{ kafka['__class__'] }}", "getitem"),
        ("{{ kafka[0] }}", "getitem"),
        ("{{ kafka[0:2] }}", "getitem"),
        ("{{ kafka.upper() }}", "call"),
        ("{{ self() }}", "call"),
        ("{{ range(3) }}", "call"),
        ("{{ 'a' * 10**9 }}", "mul"),
        ("{{ 10 ** 10 }}", "pow"),
        ("{{ 1 + 1 }}", "add"),
        ("{{ 1 - 1 }}", "sub"),
        ("{{ 1 / 0 }}", "div"),
        ("{{ 1 // 0 }}", "floordiv"),
        ("{{ kafka % kafka }}", "mod"),
        ("{{ -1 }}", "neg"),
        ("{{ {'a': 1} }}", "dict"),
        ("{% for x in kafka %}{% endfor %}", "for"),
        ("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "for"),
        ("{% set x = 1 %}", "assign"),
        ("{% set x %}a{% endset %}", "assignblock"),
        ("{% macro m() %}{% endmacro %}", "macro"),
        ("{% call kafka() %}{% endcall %}", "callblock"),
        ("{% filter upper %}a{% endfilter %}", "filterblock"),
        ("{% block b %}{% endblock %}", "block"),
        ("{% include 'flowops.yaml' %}", "include"),
        ("{% import 'x' as x %}", "import"),
        ("{% from 'x' import y %}", "fromimport"),
        ("{% extends 'x' %}", "extends"),
        ("{% with a = 1 %}{% endwith %}", "with"),
        ("{% autoescape true %}{% endautoescape %}", "scope"),
    ],
)
def test_templates_may_not_use(template: str, word: str) -> None:
    message = refusal_of(template)

    assert message.startswith("templates may not use ")
    assert word in message


@pytest.mark.parametrize("name", ["format", "map", "attr", "safe", "tojson", "int"])
def test_a_filter_that_is_not_listed_is_refused(name: str) -> None:
    assert f"No filter named '{name}'" in refusal_of(f"{{{{ kafka | {name} }}}}")


@pytest.mark.parametrize("name", ["divisibleby(0)", "sameas(1)", "filter", "callable"])
def test_a_test_that_is_not_listed_is_refused(name: str) -> None:
    assert "No test named" in refusal_of(f"{{{{ password is {name} }}}}")


@pytest.mark.parametrize(
    "template",
    [
        "{{ " + "(" * 100_000 + ")" * 100_000 + " }}",
        "{{ " + "not " * 100_000 + "kafka }}",
        "{{ kafka" + " | trim" * 10_000 + " }}",
        "{{ " + "[" * 500 + "]" * 500 + " }}",
        "{% if kafka %}" * 200 + "{% endif %}" * 200,
        "{% if kafka %}" * 5_000 + "{% endif %}" * 5_000,
        "{{ " + "9" * 5_000 + " }}",
        "{{ kafka < 1 }}",
        "{{ kafka in 1 }}",
        "{{ kafka | trim(1) }}",
        "{{ kafka | replace }}",
        "{{ kafka | upper(1, 2, 3) }}",
        "{{ password | replace }}",
        "{{ 1 < password }}",
    ],
)
def test_what_python_refuses_is_refused_in_a_sentence(template: str) -> None:
    assert refusal_of(template).startswith("the template cannot be filled: ")


def test_a_chain_of_replacements_does_not_fill_the_memory() -> None:
    tenfold = "|replace('a', 'aaaaaaaaaa')"

    assert len(open_text(fill("{{ 'a'" + tenfold * 5 + " }}", {}, PLACE))) == 10**5
    assert "too long" in refusal_of("{{ 'a'" + tenfold * 40 + " }}")
    assert MAXIMUM_LENGTH < 10**7


def test_a_secret_longer_than_its_redaction_is_refused_without_its_value() -> None:
    filled = fill(
        "{{ p | replace('x', 'xxxxxxxxxx') }}",
        {"p": Secret("x" * MAXIMUM_LENGTH, "<p>")},
        PLACE,
    )

    with pytest.raises(InputError, match="too long") as refusal:
        open_text(filled)
    assert "xxx" not in str(refusal.value)


def test_names_are_those_a_template_uses() -> None:
    assert names_in("no template", PLACE) == frozenset()
    assert names_in("{{ a ~ b | default(c, true) }}{% if d %}{% endif %}", PLACE) == {
        "a",
        "b",
        "c",
        "d",
    }


def test_names_of_a_bad_template_are_refused_with_its_place() -> None:
    for template in ("{{ a", "{{ a.b }}"):
        with pytest.raises(InputError) as refusal:
            names_in(template, PLACE)
        assert refusal.value.location == PLACE


def test_one_bad_template_in_two_places_is_refused_in_both() -> None:
    for line in (1, 2):
        with pytest.raises(InputError) as refusal:
            fill("{{ a.b }}", {"a": "x"}, Location("a", line))
        assert refusal.value.location == Location("a", line)


def test_many_flows_with_one_template_compile_it_once() -> None:
    before = _compiled.cache_info().misses
    for line in range(100):
        fill("{{ kafka }} compiled once", VALUES, Location("a", line))

    assert _compiled.cache_info().misses == before + 1
