"""What is said where something else than a Kubernetes API server answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from kubernetes.config import kube_config

from flowops.documents.answers import read_whole
from flowops.errors import TargetError
from flowops.patience import Patience
from flowops.systems.event_processing.manifests.deployments import Manifest
from flowops.systems.event_processing.targets.kubernetes import api
from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.cluster import DEPLOYMENTS
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from tests.support.projects import copy_example, run
from tests.support.rough_server import (
    DRIPPING,
    Manner,
    answers,
    floods,
    resets,
    rough_server,
    says_nothing,
)
from tests.support.streams import IBM, settings_of

HOST = "127.0.0.1"
MANIFEST: Manifest = {"metadata": {"name": "a"}}
Opened = Callable[..., ApiCluster]


def kubeconfig(url: str) -> Mapping[str, object]:
    return {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": "marker"}}],
    }


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """Serve one answer to everything, on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()
        thread.join(10)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "an answer that is no object"),
        (b"[" * 100_000, "an answer that is no object"),
        (b"{}", "no list of flinkdeployments"),
    ],
    ids=["page", "deep", "empty"],
)
def test_it_is_not_taken_for_an_empty_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, words: str
) -> None:
    root = copy_example(tmp_path / "project")
    with answering(body) as url:
        target = {"kind": "kubernetes", "operator": "ibm", "server": url}
        target |= {"namespace": "flows"}
        environment = {"targets": {"event_processing": target}}
        (root / "environments/e.yaml").write_text(json.dumps(environment), "utf-8")
        (tmp_path / "kubeconfig").write_text(json.dumps(kubeconfig(url)), "utf-8")
        path = str(tmp_path / "kubeconfig")
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", path)
        result = run("plan", "e", "Large orders", "--project", str(root))
    assert result.code == 1
    assert words in result.err
    assert "the address is that of a Kubernetes API server" in result.err
    assert "marker" not in result.err


SHORT = Patience(read=0.3, work=0.3, pauses=())
LATE = {**DRIPPING, "nothing": says_nothing}


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Open a namespace of a server."""

    def open_it(url: str, patience: Patience = SHORT) -> ApiCluster:
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(kubeconfig(url)), "utf-8")
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        settings = settings_of({**IBM, "server": url}, tmp_path)
        return ApiCluster(read_settings(settings), patience)

    return open_it


@pytest.mark.parametrize("manner", LATE.values(), ids=LATE)
def test_the_limit_is_for_the_whole_answer(opened: Opened, manner: Manner) -> None:
    with rough_server(manner) as server:
        cluster = opened(server.url)
        asks: tuple[Callable[[], object], ...] = (
            lambda: cluster.get(DEPLOYMENTS, "a"),
            lambda: cluster.apply(DEPLOYMENTS, MANIFEST),
        )
        for ask in asks:
            with pytest.raises(TargetError) as late:
                ask()
            assert late.value.message == f"{server.url} does not answer in time"
            assert late.value.hint


def test_an_answer_without_an_end_is_not_kept(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_whole, "__defaults__", (1_000_000,))
    with rough_server(floods) as server:
        cluster = opened(server.url, Patience())
        with pytest.raises(TargetError, match="has no end") as refused:
            cluster.list(DEPLOYMENTS, "")
    assert "of a Kubernetes API server" in refused.value.hint


def test_a_list_without_an_end_is_left(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_PAGES", 3)
    page = answers(b'{"items": [], "metadata": {"continue": "more"}}')
    with rough_server(page) as server:
        cluster = opened(server.url, Patience())
        with pytest.raises(TargetError, match="list of flinkdeployments has no end"):
            cluster.list(DEPLOYMENTS, "")
        assert len(server.requests) == 3


BUSY = answers(b"<h1>proxy</h1>", "503 Service Unavailable")


@pytest.mark.parametrize("first", [BUSY, resets], ids=["busy", "reset"])
def test_reading_is_tried_again_and_writing_is_not(
    opened: Opened, first: Manner
) -> None:
    pauses: list[float] = []
    patience = Patience(pauses=(1, 2), sleep=pauses.append)
    with rough_server(first, first, answers(b'{"items": []}')) as server:
        assert opened(server.url, patience).list(DEPLOYMENTS, "") == []
    assert pauses == [1, 2]
    with rough_server(first) as server:
        cluster = opened(server.url, patience)
        writes: tuple[Callable[[], object], ...] = (
            lambda: cluster.apply(DEPLOYMENTS, MANIFEST),
            lambda: cluster.create(DEPLOYMENTS, MANIFEST),
            lambda: cluster.delete(DEPLOYMENTS, "a"),
        )
        for write in writes:
            with pytest.raises(TargetError):
                write()
        assert len(server.requests) == 3


@pytest.mark.parametrize("items", ["[1]", "[{}]", '[{"metadata": {"name": 7}}]'])
def test_what_is_no_object_is_not_taken_for_one(opened: Opened, items: str) -> None:
    body = f'{{"items": {items}}}'.encode()
    with rough_server(answers(body)) as server:
        cluster = opened(server.url, Patience())
        with pytest.raises(TargetError, match="a list of what is no object"):
            cluster.list(DEPLOYMENTS, "")
