"""How an instance is opened from what an environment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowops.errors import InputError
from flowops.model import Location
from flowops.secrets import Secret, Text
from flowops.systems.connect import opening
from flowops.systems.connect.opening import open_instance
from flowops.systems.connect.rates import Rate, RateLimit
from flowops.systems.protocol import TargetSettings
from tests.support.contact_flows import INSTANCE


def settings(kind: str, **values: Text) -> TargetSettings:
    place = Location("environments/staging.yaml", 3)
    given: dict[str, Text] = {
        "instance": INSTANCE,
        "url": "http://127.0.0.1:9",
        **values,
    }
    return TargetSettings("connect", kind, given, place, Path(), "staging")


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> list[Rate]:
    """Collect the rates that limits are made of."""
    found: list[Rate] = []

    def made(rate: Rate) -> RateLimit:
        found.append(rate)
        return RateLimit(rate)

    monkeypatch.setattr(opening, "RateLimit", made)
    return found


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("amazon-connect", {}, [Rate(2, 5)]),
        ("amazon-connect", {"rate": "10", "burst": "20"}, [Rate(10, 20)]),
        ("amazon-connect", {"rate": "0.5"}, [Rate(0.5, 5)]),
        ("sandbox", {}, []),
        ("sandbox", {"burst": "1"}, [Rate(2, 1)]),
    ],
)
def test_a_rate_is_that_of_the_service_unless_it_is_set(
    kind: str, values: dict[str, str], expected: list[Rate], rates: list[Rate]
) -> None:
    open_instance(settings(kind, **values))
    assert rates == expected


@pytest.mark.parametrize("key", ["rate", "burst"])
@pytest.mark.parametrize("value", ["0", "-1", "fast", "1e3", "nan", "0.0"])
def test_what_is_no_rate_is_refused_with_its_place(key: str, value: str) -> None:
    with pytest.raises(InputError, match=f"`{key}` of the target") as error:
        open_instance(settings("amazon-connect", **{key: value}))
    assert error.value.location == Location("environments/staging.yaml", 3)
    assert "leave it out" in error.value.hint


def test_a_burst_is_a_whole_number() -> None:
    with pytest.raises(InputError, match=r"not '2\.5'"):
        open_instance(settings("amazon-connect", burst="2.5"))


@pytest.mark.parametrize("kind", ["amazon-connect", "sandbox"])
def test_a_key_that_does_nothing_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match="has no key 'snapshot'") as error:
        open_instance(settings(kind, snapshot="false"))
    assert error.value.hint == "did you mean snapshots?"
    assert error.value.location == Location("environments/staging.yaml", 3)


@pytest.mark.parametrize("key", ["instance", "url", "rate", "burst", "snapshots"])
def test_a_secret_in_a_setting_is_refused_and_not_shown(key: str) -> None:
    value = Secret("marker", "<value_redacted>")
    with pytest.raises(
        InputError, match=f"`{key}` of the target is no secret"
    ) as error:
        open_instance(settings("amazon-connect", **{key: value}))
    assert "marker" not in str(error.value)


@pytest.mark.parametrize("kind", ["amazon-connect", "sandbox"])
@pytest.mark.parametrize(
    "url", ["x", "ftp://h", "http://[::1", "http://h:99999", "https://u:marker@h"]
)
def test_an_address_that_is_none_is_refused(kind: str, url: str) -> None:
    with pytest.raises(InputError, match="`url` of the target is no address") as error:
        open_instance(settings(kind, url=url))
    assert "marker" not in str(error.value)
