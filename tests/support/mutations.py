"""Answers of servers, changed in one place: another value, or nothing at all."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Json = Any
GONE = object()
VALUES: tuple[Json, ...] = (
    *(None, True, 0, -1, 2**63, 10**4000, 1.5, 1e308, float("nan"), float("inf")),
    *("", "x" * 10_000, "\0", "\ud800", "é {{ x }} \x1b[31m\n", "%s", "9" * 5000),
    *([], {}, [None], [1], [[]], [{}], {"": None}, {"a": {"b": []}}, GONE),
)


def places(document: Json, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each value of a document, the document itself first."""
    yield here
    if isinstance(document, dict):
        for key, value in document.items():
            yield from places(value, (*here, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from places(value, (*here, number))


def changed(document: Json, way: tuple[Any, ...], value: Json) -> Json:
    """Return a document with another value at one place."""
    if not way:
        return {} if value is GONE else value
    whole = copy.deepcopy(document)
    part = whole
    for step in way[:-1]:
        part = part[step]
    if value is GONE:
        del part[way[-1]]
    else:
        part[way[-1]] = value
    return whole


def mutated(document: Json) -> st.SearchStrategy[Json]:
    """Return documents that differ in one place from a good one."""
    ways = st.sampled_from([*places(document)])
    return st.builds(changed, st.just(document), ways, st.sampled_from(VALUES))
