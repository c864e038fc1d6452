from __future__ import annotations

import copy
import json
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from flowops.errors import InputError
from flowops.secrets import PASSWORD_REDACTED, Secret, compose, open_text

VALUE = "hunter2-the-value"


@pytest.fixture
def secret() -> Secret:
    return Secret(VALUE, PASSWORD_REDACTED)


@dataclass(frozen=True, slots=True)
class Holder:
    value: Secret


def test_only_open_gives_the_value(secret: Secret) -> None:
    assert secret.open() == VALUE
    assert Secret(lambda: VALUE, "").open() == VALUE


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        ascii,
        format,
        "{}".format,
        "%s".__mod__,
        "%r".__mod__,
        lambda s: f"{s} {s!r} {s!a} {s:>80}",
        pprint.pformat,
        lambda s: str([s]) + str({"a": s}) + str(Holder(s)),
        lambda s: json.dumps({"a": s}, default=str),
        lambda s: str(ValueError(s)) + repr(ValueError(s)),
        lambda s: str(dir(s)),
    ],
)
def test_every_text_form_is_the_visible_text(
    secret: Secret, show: Callable[[Secret], str]
) -> None:
    assert VALUE not in show(secret)


def test_text_forms() -> None:
    secret = Secret(VALUE, "<x>")

    assert str(secret) == "<x>"
    assert repr(secret) == "Secret('<x>')"
    assert f"{secret:>5}" == "  <x>"


@pytest.mark.parametrize(
    "carry_out",
    [
        json.dumps,
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        "".join,
        vars,
        iter,
        len,
        bytes,
        lambda s: "a" + s,
        lambda s: s + "a",
    ],
)
def test_a_secret_cannot_be_carried_out(
    secret: Secret, carry_out: Callable[[object], object]
) -> None:
    with pytest.raises(TypeError) as refusal:
        carry_out([secret] if carry_out == "".join else secret)

    assert VALUE not in str(refusal.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_pickle_protocol_takes_it(secret: Secret, protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be serialised"):
        pickle.dumps(Holder(secret), protocol)


def test_a_traceback_shows_the_redaction(secret: Secret) -> None:
    def fail(held: Secret) -> None:
        raise RuntimeError(held, [held], {"password": held})

    with pytest.raises(RuntimeError) as failure:
        fail(secret)

    lines = traceback.TracebackException.from_exception(
        failure.value, capture_locals=True
    ).format()
    text = "".join(lines)
    assert VALUE not in text
    assert PASSWORD_REDACTED in text


def test_equality_sees_what_everybody_sees() -> None:
    one, other = Secret("1", "<x>"), Secret("2", "<x>")

    assert one == other
    assert hash(one) == hash(other)
    assert one != Secret("1", "<y>")
    assert one != "<x>"
    assert one != "1"


def test_text_without_a_secret_stays_text() -> None:
    assert compose() == ""
    assert compose("a", "", "b") == "ab"
    assert open_text("ab") == "ab"


def test_text_with_a_secret_has_two_faces(secret: Secret) -> None:
    text = compose("password='", secret, "';")

    assert isinstance(text, Secret)
    assert str(text) == f"password='{PASSWORD_REDACTED}';"
    assert open_text(text) == f"password='{VALUE}';"


def test_composing_opens_nothing() -> None:
    def absent() -> str:
        raise InputError("the secret has no value")

    text = compose("a", compose(Secret(absent, "<x>"), "b"))

    assert str(text) == "a<x>b"
    with pytest.raises(InputError, match="has no value"):
        open_text(text)
