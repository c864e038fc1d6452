from __future__ import annotations

import copy

import pytest

from flowops import errors
from flowops.errors import (
    FlowOpsError,
    InputError,
    RefusedError,
    TargetError,
    UnresolvedError,
    UsageError,
)
from flowops.model import Location


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FlowOpsError, 1),
        (InputError, 1),
        (UnresolvedError, 1),
        (TargetError, 1),
        (RefusedError, 3),
        (UsageError, 64),
    ],
)
def test_every_error_has_an_exit_code(error: type[FlowOpsError], code: int) -> None:
    assert error.exit_code == code
    assert isinstance(error("what is wrong"), FlowOpsError)


def test_exit_codes_are_all_different() -> None:
    codes = [code for code in vars(errors).values() if type(code) is int]

    assert sorted(codes) == [0, 1, 2, 3, 64, 70, 130]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("it is wrong"), "it is wrong"),
        (InputError("it is wrong", hint="mend it"), "it is wrong (mend it)"),
        (
            InputError("it is wrong", location=Location("a.json", 2, 3)),
            "a.json:2:3: it is wrong",
        ),
        (
            InputError("it is wrong", hint="mend it", location=Location("a.json")),
            "a.json:1:1: it is wrong (mend it)",
        ),
    ],
)
def test_an_error_is_one_line(error: FlowOpsError, line: str) -> None:
    assert str(error) == line


def test_a_copy_keeps_place_and_hint() -> None:
    error = copy.copy(InputError("wrong", hint="mend it", location=Location("a")))

    assert str(error) == "a:1:1: wrong (mend it)"
