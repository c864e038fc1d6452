"""The official client library, asked for what a target needs and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from flowops.documents.yaml_text import YamlError
from flowops.errors import InputError, TargetError
from flowops.systems.event_processing.targets.kubernetes.cluster import FIELD_OWNER
from flowops.systems.event_processing.targets.kubernetes.failures import (
    Call,
    conflicting_appliers,
    failure,
    names_object,
    unreachable,
)
from flowops.systems.event_processing.targets.kubernetes.settings import IN_CLUSTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubernetes.client import ApiClient

    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Kind
    from flowops.systems.event_processing.targets.kubernetes.settings import (
        ClusterSettings,
    )

_APPLY = "application/apply-patch+yaml"
_SECONDS = (10, 60)  # to connect, to answer
_ABSENT, _CONFLICT, _FAILED = 404, 409, 400
_UNUSABLE = (OSError, ValueError, TypeError, KeyError, AttributeError)


class _Answer(Protocol):
    """What the client library's transport gives back."""

    status: int
    data: bytes


class ApiCluster:
    """A namespace, reached with the settings of a kubeconfig or of a pod."""

    def __init__(self, settings: ClusterSettings) -> None:
        """Read the settings of the client; nothing is called yet.

        Raises ``InputError`` when the client library or its settings are missing.
        """
        self._client = _client(settings)
        self._namespace = settings.namespace

    @property
    def server(self) -> str:
        """Return the address that the client's settings name."""
        return str(self._client.configuration.host).rstrip("/")

    def get(self, kind: Kind, name: str) -> Manifest | None:
        """Return an object, or nothing."""
        status, body = self._send("GET", self._path(kind, name))
        if status == _ABSENT and names_object(body, name):
            return None
        self._check(status, body, "get", kind, name)
        return _object(body)

    def list(self, kind: Kind, selector: str) -> Sequence[Manifest]:
        """Return the objects with these labels, in the order of their names."""
        found: list[Manifest] = []
        query = {"labelSelector": selector, "limit": "500"}
        while True:
            status, body = self._send("GET", self._path(kind), query)
            self._check(status, body, "list", kind, "")
            page = _object(body)
            items, about = page.get("items"), page.get("metadata")
            if "items" not in page:  # an old cluster says null where there are none
                raise TargetError(
                    f"the cluster gave no list of {kind.plural}",
                    hint="look whether the address is that of a Kubernetes API server",
                )
            found += items if isinstance(items, list) else []
            more = about.get("continue") if isinstance(about, dict) else None
            if not more:
                return found
            query["continue"] = str(more)

    def create(self, kind: Kind, manifest: Manifest, *, dry: bool = False) -> None:
        """Create an object; unknown fields are refused, ``dry`` only asks."""
        query = _query(dry=dry)
        status, body = self._send("POST", self._path(kind), query, manifest)
        self._check(status, body, "create", kind, _name(manifest))

    def apply(self, kind: Kind, manifest: Manifest, *, dry: bool = False) -> Manifest:
        """Apply an object server-side as ``flowops``, which takes its fields.

        What somebody changed by hand is taken back; where another program applies
        the same fields, the two would fight for ever, so that is refused. Returns the
        object as the cluster then has it.
        """
        path, query = self._path(kind, _name(manifest)), _query(dry=dry)
        status, body = self._send("PATCH", path, query, manifest, _APPLY)
        if status == _CONFLICT and not conflicting_appliers(body):
            query |= {"force": "true"}
            status, body = self._send("PATCH", path, query, manifest, _APPLY)
        self._check(status, body, "patch", kind, _name(manifest))
        return _object(body)

    def delete(self, kind: Kind, name: str) -> None:
        """Delete an object and what hangs on it; nothing when it is not there."""
        options = {"propagationPolicy": "Background"}
        status, body = self._send("DELETE", self._path(kind, name), body=options)
        if status != _ABSENT:
            self._check(status, body, "delete", kind, name)

    def _path(self, kind: Kind, name: str = "") -> str:
        space = f"{kind.prefix}/namespaces/{self._namespace}/{kind.plural}"
        return f"{space}/{quote(name)}" if name else space

    def _check(self, status: int, body: str, verb: str, kind: Kind, name: str) -> None:
        if status >= _FAILED:
            where = f"{name} in {self._namespace}" if name else f"in {self._namespace}"
            raise failure(status, body, Call(verb, kind, where))

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        content: str = "application/json",
    ) -> tuple[int, str]:
        """Return the status and the text of an answer, whatever it says."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json", "Content-Type": content}
        self._client.update_params_for_auth(headers, [], ["BearerToken"])
        try:
            answer: _Answer = self._client.rest_client.request(
                method,
                f"{self.server}{path}",
                query_params=list((query or {}).items()),
                headers=headers,
                body=body,
                _preload_content=True,
                _request_timeout=_SECONDS,
            )
        except ApiException as error:
            text = error.body or b""
            shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            if not error.status:
                raise unreachable(self.server, str(error.reason)) from error
            return int(error.status), str(shown)
        except (HTTPError, OSError) as error:
            raise unreachable(self.server, str(error)) from error
        return answer.status, answer.data.decode("utf-8", "replace")


def _client(settings: ClusterSettings) -> ApiClient:
    try:
        from kubernetes.client import ApiClient, Configuration
        from kubernetes.config import (
            ConfigException,
            load_incluster_config,
            load_kube_config,
        )
    except ImportError as error:
        raise InputError(
            "a kubernetes target needs the client library, which is not installed",
            hint="pip install 'flowops-cli[kubernetes]'",
            location=settings.settings.location,
        ) from error
    configuration = Configuration()
    configuration.retries = False  # a failure is said at once, not tried for minutes
    try:
        if settings.server == IN_CLUSTER:
            load_incluster_config(client_configuration=configuration)
        else:
            load_kube_config(
                context=settings.context or None, client_configuration=configuration
            )
    except (ConfigException, YamlError, *_UNUSABLE) as error:
        raise TargetError(
            f"the settings of the Kubernetes client cannot be used: {error}",
            hint="set KUBECONFIG, or the `context` of the target",
            location=settings.settings.location,
        ) from error
    return ApiClient(configuration)


def _query(*, dry: bool) -> dict[str, str]:
    query = {"fieldManager": FIELD_OWNER, "fieldValidation": "Strict"}
    return query | ({"dryRun": "All"} if dry else {})


def _object(body: str) -> Manifest:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TargetError(
            "the cluster gave an answer that is no object",
            hint="look whether the address is that of a Kubernetes API server",
        )
    return found


def _name(manifest: Manifest) -> str:
    about = manifest["metadata"]
    return str(about["name"]) if isinstance(about, dict) else ""
