"""Subjects are asked of a real schema registry, and what goes wrong is said."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flowops.secrets import Text
from tests.streams.builders import ask, names, secret
from tests.support.real import HOST, make_certificate
from tests.support.registry import COMPATIBLE, Registry
from tests.support.rough_server import answers, rough_server

KIND = "registry-subject"


def gap(values: dict[str, Text]) -> str:
    """Ask a registry that does not answer as it should; return why."""
    found = ask({"registry": values})
    assert found.resources == ()
    assert found.kinds == frozenset()
    return found.gaps[KIND].replace(f"the registry at {values['url']}", "HERE")


class Answering:
    """What a server was asked, and what it answers: a status and a body by path."""

    def __init__(self, answers: dict[str, tuple[int, str]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []


@contextmanager
def serving(**answers: tuple[int, str]) -> Iterator[tuple[str, Answering]]:
    """Serve on loopback; ``subjects`` answers ``/subjects``, and so on."""
    state = Answering({f"/{path}": answer for path, answer in answers.items()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            login = self.headers.get("Authorization", "")
            state.asked.append((self.path, login))
            status, body = state.answers.get(self.path, (404, "{}"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://{HOST}:{server.server_port}", state
        server.shutdown()
        thread.join(10)


@pytest.mark.slow
def test_a_registry_lists_its_subjects(registry: Registry) -> None:
    for subject in ("payments-value", "orders-value"):
        registry.register(subject)
    for place in (registry.url, f"{registry.url}/", f"{registry.url}{COMPATIBLE}"):
        found = ask({"registry": {"url": place}})
        assert names(found, KIND) == ["orders-value", "payments-value"]
        assert found.kinds == {KIND}
        assert found.gaps == {}


@pytest.mark.slow
def test_an_older_page_is_found_as_well(registry: Registry) -> None:
    registry.register("orders-value")
    found = ask({"registry": {"url": f"{registry.url}/apis/ccompat/v6"}})
    assert "orders-value" in names(found, KIND)


def test_confluent_is_asked_once_and_logs_in() -> None:
    with serving(subjects=(200, '["b", "a", "ä"]')) as (url, state):
        values: dict[str, Text] = {
            "url": url,
            "username": "жан",
            "password": secret("ключ"),
        }
        found = ask({"registry": values})
    assert names(found, KIND) == ["a", "b", "ä"]
    login = base64.b64encode("жан:ключ".encode()).decode()
    assert state.asked == [("/subjects", f"Basic {login}")]


def test_a_login_of_the_machine_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine {HOST} login a password b", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(subjects=(200, "[]")) as (url, state):
        found = ask({"registry": {"url": url}})
    assert found.kinds == {KIND}
    assert state.asked == [("/subjects", "")]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, ""), "HERE refuses the login of someone (401)"),
        ((403, ""), "HERE: someone may not list subjects (403)"),
        ((500, "broken"), "HERE answers 500 for /subjects"),
        (
            (404, ""),
            "HERE answers 404 for /subjects (is this the registry's address?)",
        ),
        ((200, "<html>"), "HERE answers no list of subjects"),
        ((200, '{"a": 1}'), "HERE answers no list of subjects"),
        ((200, "[1]"), "HERE answers no list of subjects"),
    ],
)
def test_what_is_no_list_is_said(answer: tuple[int, str], words: str) -> None:
    with serving(subjects=answer) as (url, _):
        values: dict[str, Text] = {
            "url": url,
            "username": "someone",
            "password": secret("marker-x"),
        }
        assert gap(values) == words


def test_an_address_that_is_none_is_said() -> None:
    assert gap({"url": "registry"}) == "HERE cannot be asked"


def test_its_authority_has_to_be_trusted(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with rough_server(answers(b'["a"]'), certificate=certificate) as server:
        url = server.url
        found = ask({"registry": {"url": url, "ssl.ca.location": "ca.pem"}}, tmp_path)
        assert names(found, KIND) == ["a"]
        assert gap({"url": url}) == (
            "HERE: its certificate is not trusted here, or it speaks no TLS "
            "(name its authority as ssl.ca.location)"
        )
