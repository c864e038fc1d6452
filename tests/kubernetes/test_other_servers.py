"""What is said where something else than a Kubernetes API server answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from kubernetes.config import kube_config

from flowops.errors import TargetError
from flowops.patience import Patience
from flowops.systems.event_processing.manifests.deployments import Manifest
from flowops.systems.event_processing.targets.kubernetes import api
from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.cluster import DEPLOYMENTS
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from tests.support.projects import copy_example, run
from tests.support.rough_server import (
    Manner,
    answers,
    redirects,
    resets,
    rough_server,
)
from tests.support.streams import IBM, settings_of

MANIFEST: Manifest = {"metadata": {"name": "a"}}
Opened = Callable[..., ApiCluster]


def kubeconfig(url: str) -> Mapping[str, object]:
    return {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": {"token": "marker"}}],
    }


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
    with rough_server(answers(body)) as server:
        url = server.url
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


PROMPT = Patience(pauses=())


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Open a namespace of a server."""

    def open_it(url: str, patience: Patience = PROMPT) -> ApiCluster:
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(kubeconfig(url)), "utf-8")
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        settings = settings_of({**IBM, "server": url}, tmp_path)
        return ApiCluster(read_settings(settings), patience)

    return open_it


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


@pytest.mark.parametrize(
    "manner",
    [BUSY, resets, redirects("http://elsewhere.example")],
    ids=["busy", "reset", "sends on"],
)
def test_nothing_is_written_twice_or_taken_for_written(
    opened: Opened, manner: Manner
) -> None:
    with rough_server(manner) as server:
        cluster = opened(server.url)
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
