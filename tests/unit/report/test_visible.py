"""A sentence that is too long keeps its start and its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.report.visible import SENTENCE, sentence, visible


def test_the_middle_is_left_out() -> None:
    words = f"there is no key '{'x' * 5000}' in a target"
    shown = sentence(words)
    assert shown.startswith("there is no key 'xxx")
    assert shown.endswith("xxx' in a target")
    assert f"… ({len(words)} characters) …" in shown
    assert len(shown) < SENTENCE + 40


@given(st.text(max_size=60), st.integers(8, 50))
def test_what_fits_is_whole_and_nothing_invisible_is_left(text: str, most: int) -> None:
    shown = sentence(text, most)
    assert (shown == visible(text)) is (len(text) <= most)
    assert shown.isprintable()


@pytest.mark.parametrize("size", [SENTENCE - 1, SENTENCE, SENTENCE + 1])
def test_the_limit(size: int) -> None:
    assert ("…" in sentence("x" * size)) is (size > SENTENCE)
