from __future__ import annotations

import pprint

from hypothesis import given
from hypothesis import strategies as st

from flowops.secrets import Secret, Text, compose, open_text

# Values are written with letters that no visible text has.
values = st.text("XYZ", min_size=1)
visibles = st.text("abc<> _'\"\\{}%", max_size=6)
secrets = st.builds(Secret, values, visibles)
parts: st.SearchStrategy[list[Text]] = st.lists(st.one_of(visibles, secrets))


@given(secrets)
def test_no_text_form_holds_the_value(secret: Secret) -> None:
    shown = f"{secret}{secret!r}{secret!a}{[secret]}{pprint.pformat({1: secret})}"

    assert not set("XYZ") & set(shown)


@given(parts)
def test_composing_keeps_both_faces(texts: list[Text]) -> None:
    whole = compose(*texts)

    assert str(whole) == "".join(str(text) for text in texts)
    assert open_text(whole) == "".join(open_text(text) for text in texts)
    assert isinstance(whole, Secret) == any(isinstance(t, Secret) for t in texts)


@given(parts, parts)
def test_composing_in_steps_is_composing_at_once(
    some: list[Text], more: list[Text]
) -> None:
    stepwise = compose(compose(*some), compose(*more))

    assert stepwise == compose(*some, *more)
    assert open_text(stepwise) == open_text(compose(*some, *more))


@given(secrets, secrets)
def test_equality_and_hash_see_the_visible_text_only(
    one: Secret, other: Secret
) -> None:
    assert (one == other) == (str(one) == str(other))
    assert one != other or hash(one) == hash(other)
