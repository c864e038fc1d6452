from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from flowops.project import glob_expression

names = st.text("ab.x[", min_size=1, max_size=3)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
segments = st.one_of(st.just("**"), st.text("ab.x[*?", min_size=1, max_size=3))
patterns = st.lists(
    segments.filter(lambda s: s == "**" or "**" not in s), min_size=1, max_size=4
).map("/".join)


def is_matched(pattern: list[str], path: list[str]) -> bool:
    """Match folder by folder: what a glob means, said slowly."""
    if not pattern:
        return not path
    first, rest = pattern[0], pattern[1:]
    if first == "**" and not rest:
        return bool(path)
    if first == "**":
        return any(is_matched(rest, path[n:]) for n in range(len(path) + 1))
    matches = bool(path) and fnmatchcase(path[0], first.replace("[", "[[]"))
    return matches and is_matched(rest, path[1:])


@given(patterns, paths)
def test_patterns_mean_what_globs_mean(pattern: str, path: str) -> None:
    found = glob_expression(pattern).fullmatch(path) is not None

    assert found == is_matched(pattern.split("/"), path.split("/"))


@given(paths)
def test_a_path_is_a_pattern_for_itself(path: str) -> None:
    assert glob_expression(path).fullmatch(path)
    assert glob_expression("**").fullmatch(path)
    assert glob_expression(f"**/{path}").fullmatch(path)
    assert glob_expression(f"**/{path}").fullmatch(f"new/folders/{path}")
    assert not glob_expression(f"*/{path}").fullmatch(path)
