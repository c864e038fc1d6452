"""What is said where something else than a Kubernetes API server answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from kubernetes.config import kube_config

from tests.support.projects import copy_example, run

HOST = "127.0.0.1"


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
        config = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": {"token": "marker"}}],
        }
        (tmp_path / "kubeconfig").write_text(json.dumps(config), "utf-8")
        path = str(tmp_path / "kubeconfig")
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", path)
        result = run("plan", "e", "Large orders", "--project", str(root))
    assert result.code == 1
    assert words in result.err
    assert "the address is that of a Kubernetes API server" in result.err
    assert "marker" not in result.err
