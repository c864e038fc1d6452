from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from flowops.errors import InputError
from flowops.model import Location
from flowops.overlays.templates import fill, names_in
from flowops.secrets import Secret, Text, open_text

PLACE = Location("environments/a.yaml", 2, 3)
plain_text = st.text(st.characters(codec="utf-8", exclude_characters="{}\r"))
values = st.text(st.characters(codec="utf-8"), max_size=20)
WORDS = """{{ }} {% %} {# #} a p q nobody | ~ . , ( ) [ ] ' " = == < in not and or if
else endif elif for endfor set raw endraw is defined upper lower trim replace
default join format 1 1.5 - + * ** % // x{{a}}y __class__ true none"""
pieces = st.sampled_from(WORDS.split())
template_like = st.lists(pieces, max_size=14).map(" ".join)
filters = st.sampled_from(["", "|upper", "|lower", "|trim", "|default('x', true)"])


@given(st.text().filter(lambda text: "{{" not in text and "{%" not in text))
def test_text_without_a_template_is_kept(text: str) -> None:
    assert fill(text, {}, PLACE) == text
    assert names_in(text, PLACE) == frozenset()


@given(plain_text, values, plain_text)
def test_a_value_is_put_in_as_it_is(before: str, value: str, after: str) -> None:
    filled = fill(f"{before}{{{{ a }}}}{after}", {"a": value}, PLACE)

    assert filled == f"{before}{value}{after}"


@given(plain_text, values, plain_text)
def test_a_secret_is_put_in_behind_its_redaction(
    before: str, value: str, after: str
) -> None:
    secret = Secret(value, "<p>")

    filled = fill(f"{before}{{{{ p }}}}{after}", {"p": secret}, PLACE)

    assert isinstance(filled, Secret)
    assert str(filled) == f"{before}<p>{after}"
    assert filled.open() == f"{before}{value}{after}"


@example("{{ p if a else q }}")
@given(st.one_of(template_like, st.text("{}%#ap|~.'\"()[] \n-+", max_size=30)))
def test_any_template_is_filled_or_refused_and_shows_no_secret(template: str) -> None:
    values: dict[str, Text] = {
        "a": "x",
        "p": Secret("ZQZQ", "<p>"),
        "q": Secret("JKJK", "<q>"),
    }
    shown: list[str] = []
    try:
        filled = fill(template, values, PLACE)
        shown.append(f"{filled}{filled!r}")
        opened = open_text(filled)
        if isinstance(filled, str):
            shown.append(opened)
    except InputError as error:
        shown.append(str(error))
        assert shown[-1].startswith("environments/a.yaml:2:3: ")

    assert not re.search("ZQZQ|JKJK", "".join(shown), re.IGNORECASE)


@given(st.lists(st.tuples(st.sampled_from("abcd"), filters), min_size=1))
def test_the_names_of_a_template_are_those_it_uses(
    used: list[tuple[str, str]],
) -> None:
    template = "-".join(f"{{{{ {name}{how} }}}}" for name, how in used)

    assert names_in(template, PLACE) == {name for name, _ in used}
    assert isinstance(fill(template, dict.fromkeys("abcd", "v"), PLACE), str)


@given(st.sets(st.sampled_from("abcd"), min_size=1), st.sets(st.sampled_from("abcd")))
def test_a_name_that_is_not_defined_is_refused(used: set[str], known: set[str]) -> None:
    template = " ".join(f"{{{{ {name} }}}}" for name in sorted(used))
    try:
        fill(template, dict.fromkeys(known, "v"), PLACE)
        refused = False
    except InputError:
        refused = True

    assert refused == bool(used - known)
