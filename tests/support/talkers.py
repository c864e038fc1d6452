"""Every part of FlowOps that talks HTTP to a server, each asked in the same way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore import endpoint as botocore_endpoint
from kubernetes.config import kube_config

from flowops.github.api import Comments, github_client
from flowops.http_client import Login
from flowops.model import Location
from flowops.patience import Patience
from flowops.secrets import Secret, Text
from flowops.systems.connect.api import ConnectApi
from flowops.systems.event_processing.inventory import registry
from flowops.systems.event_processing.inventory.sources import Source
from flowops.systems.event_processing.targets.flink.rest import Endpoint
from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.cluster import DEPLOYMENTS
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from tests.support.contact_flows import INSTANCE
from tests.support.streams import IBM, settings_of

MARKER = "marker"  # in every login, and in nothing that anybody may see
SECRET = Secret(f"{MARKER}-secret", "<password_redacted>")


@dataclass
class Place:
    """Where to ask, how long an answer may take, and the pauses that were made."""

    url: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    seconds: float = 20
    pauses: list[float] = field(default_factory=list)

    @property
    def patience(self) -> Patience:
        return Patience(
            read=self.seconds,
            work=self.seconds,
            pauses=(1, 2),
            sleep=self.pauses.append,
        )


@dataclass(frozen=True)
class Talker:
    """An answer it takes, how it reads, and how it writes if it ever does.

    What changes nothing is asked again where that may help, and what writes is not.
    """

    good: bytes
    read: Callable[[Place], object]
    write: Callable[[Place], object] | None = None


def flink(place: Place) -> Endpoint:
    return Endpoint(place.url, Login(token=SECRET), None, place.patience)


def subjects(place: Place) -> object:
    values: dict[str, Text] = {"url": place.url, "username": "ann"}
    values["password"] = SECRET
    place.monkeypatch.setattr(registry, "_PATIENCE", place.patience)
    source = Source("registry", values, place.seconds, Path(), Location("a.yaml"))
    return registry.ask_subjects(source).names


def comments(place: Place) -> Comments:
    client = github_client(SECRET.open(), place.pauses.append, place.seconds)
    return Comments(client, place.url, "a/b", 1)


def cluster(place: Place) -> ApiCluster:
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": place.url}}],
        "users": [{"name": "u", "user": {"token": SECRET.open()}}],
    }
    path = place.folder / "kubeconfig"
    path.write_text(json.dumps(document), "utf-8")
    place.monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    settings = settings_of({**IBM, "server": place.url}, place.folder)
    return ApiCluster(read_settings(settings), place.patience)


def instance(place: Place) -> object:
    """Ask with botocore's own pauses, which are not waited for."""
    time = SimpleNamespace(sleep=place.pauses.append)
    place.monkeypatch.setattr(botocore_endpoint, "time", time)
    api = ConnectApi(INSTANCE, place.url, sandbox=True, seconds=place.seconds)
    answer = api.call("describe_instance")
    return {name: answer[name] for name in answer if name != "ResponseMetadata"}


TALKERS: Mapping[str, Talker] = {
    "flink": Talker(
        b'{"jobs": []}',
        lambda place: flink(place).get("/jobs"),
        lambda place: flink(place).post("/jobs"),
    ),
    "registry": Talker(b'["a"]', subjects),
    "github": Talker(
        b'[{"id": 1, "user": {"login": "a"}, "body": "b"}]',
        lambda place: list(comments(place).listed()),
        lambda place: comments(place).create("words"),
    ),
    "kubernetes": Talker(
        b'{"items": []}',
        lambda place: cluster(place).list(DEPLOYMENTS, ""),
        lambda place: cluster(place).apply(DEPLOYMENTS, {"metadata": {"name": "a"}}),
    ),
    "connect": Talker(b'{"Instance": {"Id": "a"}}', instance),
}
