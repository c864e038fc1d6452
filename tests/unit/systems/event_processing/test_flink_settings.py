"""What an environment may say of a Flink cluster, and what it may not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flowops.errors import InputError
from flowops.model import Location
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.event_processing.targets.flink.settings import (
    FlinkSettings,
    read_settings,
)
from flowops.systems.protocol import TargetSettings
from tests.support.real import make_certificate

PLACE = Location("environments/production.yaml", 3, 5)
URL = "https://flink.example:8081"
SECRET = Secret("marker-token", "<token>")


def settings_of(root: Path, values: Mapping[str, Text]) -> TargetSettings:
    return TargetSettings("event_processing", "flink", values, PLACE, root, "live")


def read(root: Path, values: Mapping[str, Text]) -> FlinkSettings:
    return read_settings(settings_of(root, values))


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Flink.Example:8081/", URL),
        (" https://flink.example:443 ", "https://flink.example"),
        ("http://flink.example:80/", "http://flink.example"),
        ("HTTP://flink.example:443", "http://flink.example:443"),
        ("https://host/flink/jobs/", "https://host/flink/jobs"),
        ("http://[::1]:8081", "http://[::1]:8081"),
    ],
)
def test_an_address_has_one_form(tmp_path: Path, url: str, normal: str) -> None:
    target = event_processing.open_target(settings_of(tmp_path, {"url": url}))
    assert target.identity.id == normal
    assert (target.identity.system, target.identity.kind) == (
        "event_processing",
        "flink",
    )
    assert (target.opens_secrets, target.keeps_state) == (True, True)


def test_everything_can_be_set(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    found = read(
        tmp_path,
        {
            "url": URL,
            "gateway": "https://gateway.example:8083/",
            "user": "deployer",
            "password": SECRET,
            "ca": "ca.pem",
            "savepoints": "s3://bucket/savepoints",
            "timeout": "90",
            "dialect": "event-processing",
        },
    )
    assert found.gateway == "https://gateway.example:8083"
    assert (found.user, found.password) == ("deployer", SECRET)
    assert found.ca == tmp_path / "ca.pem"
    assert (found.savepoints, found.timeout) == ("s3://bucket/savepoints", 90)


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"urll": URL}, "has no key 'urll'", "did you mean url?"),
        ({"url": URL, "zzzz": "1"}, "has no key 'zzzz'", "it has url, gateway"),
        ({}, "needs a `url`", "https://HOST:8081"),
        ({"url": SECRET}, "has its `url` in the clear", "secrets"),
        ({"url": "flink:8081"}, "no usable `url`: flink:8081", "http://"),
        ({"url": "ftp://flink"}, "no usable `url`", "http://"),
        ({"url": "http://"}, "no usable `url`", "http://"),
        ({"url": "http://flink:port"}, "no usable `url`", "http://"),
        ({"url": "http://a:b@flink"}, "a login in its `url`", "`user`"),
        ({"url": f"{URL}?token=1"}, "with a query", "http://"),
        ({"url": URL, "gateway": "x"}, "no usable `gateway`", "http://"),
        ({"url": URL, "token": "typed"}, "`token` from `secrets`", "token: '{{ NAME"),
        (
            {"url": URL, "user": "a", "password": "b"},
            "`password` from `secrets`",
            "NAME",
        ),
        ({"url": URL, "user": "a"}, "logs in with", "one of the two"),
        ({"url": URL, "password": SECRET}, "logs in with", "one of the two"),
        (
            {"url": URL, "user": "a", "password": SECRET, "token": SECRET},
            "logs in with",
            "one of the two",
        ),
        ({"url": URL, "ca": "../ca.pem"}, "outside the project", "a file"),
        ({"url": URL, "ca": "/ca.pem"}, "outside the project", "a file"),
        ({"url": URL, "ca": "none.pem"}, "no file none.pem", "PEM"),
        ({"url": URL, "ca": "a" * 5000}, f"no file {'a' * 120}…", "PEM"),
        ({"url": URL, "ca": "a/" * 3000}, "no file a/a/", "PEM"),
        ({"url": URL, "ca": "a\0b"}, "outside the project", "a file"),
        ({"url": URL, "ca": "circle"}, "outside the project", "a file"),
        ({"url": URL, "ca": "folder"}, "a folder as its `ca`: folder", "PEM"),
        ({"url": URL, "ca": "text.pem"}, "no certificate in its `ca` text.pem", "PEM"),
        ({"url": URL, "ca": "key.pem"}, "no certificate in its `ca` key.pem", "PEM"),
        ({"url": URL, "ca": "bytes.pem"}, "no certificate in its `ca` bytes", "PEM"),
        ({"url": URL, "savepoints": "bucket"}, "no usable `savepoints`", "s3://"),
        ({"url": URL, "timeout": "soon"}, "no usable `timeout`", "seconds"),
        ({"url": URL, "timeout": "-1"}, "no usable `timeout`", "seconds"),
        ({"url": URL, "timeout": "0"}, "a `timeout` of 0", "1 to 86400"),
        ({"url": URL, "timeout": "9" * 30}, "a `timeout` of 999", "1 to 86400"),
        ({"url": URL, "dialect": "flnk"}, "no dialect 'flnk'", "flink?"),
        ({"url": URL, "version": "one"}, "no Event Processing 'one'", "1.5"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(
    tmp_path: Path, values: Mapping[str, Text], message: str, hint: str
) -> None:
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.pem").write_text("certificate")
    (tmp_path / "bytes.pem").write_bytes(b"\xff\0")
    _, key = make_certificate(tmp_path / "folder")
    (tmp_path / "key.pem").write_bytes(key.read_bytes())
    with pytest.raises(InputError) as caught:
        event_processing.open_target(settings_of(tmp_path, values))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.location == PLACE
    assert "marker" not in str(caught.value)
