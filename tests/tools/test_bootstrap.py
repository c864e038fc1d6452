from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools import bootstrap

SCRIPT = Path(bootstrap.__file__)
UV = f"uv-{bootstrap.VERSION}"
WHEEL = f"{UV}-py3-none-any.whl"


def wheel_with(program: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"{UV}.data/scripts/uv", program)
    return content.getvalue()


class Index:
    """A package index on loopback: pages by path, and who asked for them."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        self.pages = pages
        self.seen: dict[str, str | None] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.host = f"127.0.0.1:{self.server.server_port}"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.seen[self.path] = self.headers["Authorization"]
                found = self.path in index.pages
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write(index.pages.get(self.path, b""))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def serving(pages: dict[str, bytes]) -> Iterator[Index]:
    index = Index(pages)
    thread = threading.Thread(target=index.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield index
    finally:
        index.server.shutdown()
        index.server.server_close()
        thread.join()


@pytest.fixture
def index() -> Iterator[Index]:
    listing = f'<a href="../../files/{WHEEL}#sha256=0">uv</a>'.encode()
    wheel = wheel_with(b"the program")
    with serving({"/simple/uv/": listing, f"/files/{WHEEL}": wheel}) as found:
        yield found


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make this machine one with a wheel of its own, no proxy and an empty home."""
    digest = hashlib.sha256(wheel_with(b"the program")).hexdigest()
    monkeypatch.setattr(bootstrap, "wheel_of", lambda *_: ("any", digest))
    monkeypatch.setattr(bootstrap, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)


def fetch(index: str) -> Path:
    return bootstrap.installed_uv({"UV_DEFAULT_INDEX": index})


def test_uv_is_fetched_once(index: Index) -> None:
    uv = fetch(f"http://{index.host}/simple")
    index.pages.clear()

    assert fetch(f"http://{index.host}/simple/") == uv
    assert uv.read_bytes() == b"the program"
    assert os.access(uv, os.X_OK)
    assert [path.name for path in uv.parent.iterdir()] == [UV]


def test_another_content_is_refused(index: Index) -> None:
    index.pages[f"/files/{WHEEL}"] = wheel_with(b"another program")

    with pytest.raises(bootstrap.BootstrapError, match=r"has sha256 .*, expected"):
        fetch(f"http://{index.host}/simple")

    assert not bootstrap.CACHE.exists()


def test_an_index_without_the_version_is_named(index: Index) -> None:
    index.pages["/simple/uv/"] = b'<a href="uv-0.0.1.tar.gz">uv</a>'

    with pytest.raises(bootstrap.BootstrapError, match=f"does not list {WHEEL}"):
        fetch(f"http://{index.host}/simple")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/simple", "nonsense"])
def test_an_index_that_does_not_answer_is_named(address: str) -> None:
    with pytest.raises(bootstrap.BootstrapError, match=f"cannot read {address}/uv/"):
        fetch(address)


def test_a_password_goes_to_the_index_and_into_no_message(index: Index) -> None:
    index.pages.pop(f"/files/{WHEEL}")

    with pytest.raises(bootstrap.BootstrapError) as failure:
        fetch(f"http://someone:p%40ss@{index.host}/simple")

    expected = "Basic " + b64encode(b"someone:p@ss").decode()
    assert set(index.seen.values()) == {expected}
    assert "p@ss" not in str(failure.value)
    assert "p%40ss" not in str(failure.value)


def test_a_password_goes_to_no_other_host(index: Index) -> None:
    with serving(index.pages.copy()) as other:
        link = f'<a href="http://{other.host}/files/{WHEEL}">uv</a>'
        index.pages["/simple/uv/"] = link.encode()

        fetch(f"http://someone:password@{index.host}/simple")

    assert index.seen["/simple/uv/"] is not None
    assert other.seen == {f"/files/{WHEEL}": None}


def test_a_password_is_found_in_netrc(index: Index, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    netrc.chmod(0o600)

    fetch(f"http://{index.host}/simple")

    expected = "Basic " + b64encode(b"someone:secret").decode()
    assert set(index.seen.values()) == {expected}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "https://user.test/simple"),
        ({"PIP_INDEX_URL": "https://pip.test"}, "https://pip.test"),
        ({"PIP_INDEX_URL": "p", "UV_INDEX_URL": "https://uv.test"}, "https://uv.test"),
        ({"UV_INDEX_URL": "u", "UV_DEFAULT_INDEX": "https://u.test"}, "https://u.test"),
        ({"PIP_CONFIG_FILE": "own.conf"}, "https://own.test/simple"),
    ],
)
def test_the_index_is_the_one_this_machine_uses(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: Mapping[str, str],
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_conf(tmp_path / ".pip/pip.conf", "https://old.test/simple")
    write_conf(tmp_path / ".config/pip/pip.conf", "https://user.test/simple")
    write_conf(tmp_path / "own.conf", "https://own.test/simple")

    found = bootstrap.with_pip_settings({"HOME": str(tmp_path), **environment})

    assert found["UV_DEFAULT_INDEX"] == expected


def write_conf(path: Path, index: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[global]\nindex-url = {index}\n")


def test_certificates_of_pip_serve_uv_too() -> None:
    found = bootstrap.with_pip_settings({"PIP_CERT": "/etc/company.pem"})

    assert found["SSL_CERT_FILE"] == "/etc/company.pem"


def test_certificates_for_everything_win_over_those_of_pip() -> None:
    settings = {"PIP_CERT": "/etc/company.pem", "SSL_CERT_FILE": "/etc/all.pem"}

    assert bootstrap.with_pip_settings(settings)["SSL_CERT_FILE"] == "/etc/all.pem"


def run_copy(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script whose cache is in a directory of ours."""
    (directory / "tools").mkdir()
    copy = shutil.copy(SCRIPT, directory / "tools")
    environment = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9", "no_proxy": "*"}
    return subprocess.run(
        [sys.executable, copy, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_becomes_uv(tmp_path: Path) -> None:
    uv = tmp_path / ".cache" / UV
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\nprintf "<%s>" "$UV_PYTHON_DOWNLOADS" "$@"\nexit 7\n')
    uv.chmod(0o755)

    run = run_copy(tmp_path, "pip", "a word")

    assert (run.stdout, run.returncode) == ("<never><pip><a word>", 7)


def test_the_script_says_in_two_lines_why_it_cannot(tmp_path: Path) -> None:
    run = run_copy(tmp_path)

    first, second = run.stderr.splitlines()
    assert first.startswith("bootstrap: cannot read http://127.0.0.1:9/uv/: ")
    assert second == "hint: install uv yourself, then run: make UV=uv demo"
    assert run.returncode == 1


def test_a_platform_without_a_pin_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    with pytest.raises(bootstrap.BootstrapError, match="no uv is pinned for Plan 9 on"):
        bootstrap.wheel_of("Plan 9", "mips")
