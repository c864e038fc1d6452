"""The official client library, asked for what a target needs and nothing else."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flowops.documents.answers import (
    CHUNK_BYTES,
    TooLargeError,
    parse_answer,
    read_whole,
)
from flowops.documents.yaml_text import YamlError
from flowops.errors import InputError, TargetError
from flowops.patience import Patience, within
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    FIELD_OWNER,
    MovedError,
)
from flowops.systems.event_processing.targets.kubernetes.failures import (
    BusyError,
    Call,
    conflicting_appliers,
    failure,
    has_moved,
    names_object,
    unreachable,
)
from flowops.systems.event_processing.targets.kubernetes.settings import IN_CLUSTER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubernetes.client import ApiClient
    from urllib3 import Timeout

    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Kind
    from flowops.systems.event_processing.targets.kubernetes.settings import (
        ClusterSettings,
    )

_APPLY = "application/apply-patch+yaml"
_PATIENCE = Patience(read=60, work=60)
_NO_API = "look whether the address is that of a Kubernetes API server"
# "Object Names and IDs" of the Kubernetes documentation: a DNS subdomain.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_PAGES = 200  # of 500 objects
_ABSENT, _CONFLICT, _FAILED = 404, 409, 300  # an API server never sends on
_UNUSABLE = (OSError, ValueError, TypeError, KeyError, AttributeError)


class ApiCluster:
    """A namespace, reached with the settings of a kubeconfig or of a pod."""

    def __init__(
        self, settings: ClusterSettings, patience: Patience = _PATIENCE
    ) -> None:
        """Read the settings of the client; nothing is called yet.

        Raises ``InputError`` when the client library or its settings are missing.
        """
        self._client = _client(settings)
        self._namespace = settings.namespace
        self._patience = patience

    @property
    def server(self) -> str:
        """Return the address that the client's settings name."""
        return str(self._client.configuration.host).rstrip("/")

    def get(self, kind: Kind, name: str) -> Manifest | None:
        """Return an object, or nothing."""

        def get() -> Manifest | None:
            status, body = self._send("GET", self._path(kind, name))
            if status == _ABSENT and names_object(body, name):
                return None
            self._check(status, body, "get", kind, name)
            return _object(body)

        return self._patience.again(get, BusyError)

    def list(self, kind: Kind, selector: str) -> Sequence[Manifest]:
        """Return the objects with these labels, in the order of their names."""
        found: list[Manifest] = []
        query = {"labelSelector": selector, "limit": "500"}
        for _ in range(_PAGES):
            page = self._patience.again(partial(self._page, kind, query), BusyError)
            items, about = page.get("items"), page.get("metadata")
            if "items" not in page:  # an old cluster says null where there are none
                raise TargetError(
                    f"the cluster gave no list of {kind.plural}", hint=_NO_API
                )
            found += _objects(items)
            more = about.get("continue") if isinstance(about, dict) else None
            if not more:
                return found
            query["continue"] = str(more)
        words = f"the cluster's list of {kind.plural} has no end"
        raise TargetError(words, hint=_NO_API)

    def _page(self, kind: Kind, query: Mapping[str, str]) -> Manifest:
        status, body = self._send("GET", self._path(kind), query)
        self._check(status, body, "list", kind, "")
        return _object(body)

    def create(self, kind: Kind, manifest: Manifest, *, dry: bool = False) -> None:
        """Create an object; unknown fields are refused, ``dry`` only asks."""
        query = _query(dry=dry)
        status, body = self._send("POST", self._path(kind), query, manifest)
        self._check(status, body, "create", kind, _name(manifest))

    def apply(self, kind: Kind, manifest: Manifest, *, dry: bool = False) -> Manifest:
        """Apply an object server-side as ``flowops``, which takes its fields.

        What somebody changed by hand is taken back; where another program applies
        the same fields, the two would fight for ever, so that is refused. Returns the
        object as the cluster then has it. Raises ``MovedError`` where the manifest
        names a ``uid`` or a ``resourceVersion`` that is not what is there.
        """
        path, query = self._path(kind, _name(manifest)), _query(dry=dry)
        status, body = self._send("PATCH", path, query, manifest, _APPLY)
        if status == _CONFLICT and not conflicting_appliers(body):
            query |= {"force": "true"}
            status, body = self._send("PATCH", path, query, manifest, _APPLY)
        self._check(status, body, "patch", kind, _name(manifest))
        return _object(body)

    def delete(self, kind: Kind, name: str, *, version: str = "") -> None:
        """Delete an object and what hangs on it; nothing when it is not there.

        Raises ``MovedError`` where it is at another ``version`` than is named.
        """
        options: dict[str, object] = {"propagationPolicy": "Background"}
        if version:
            options["preconditions"] = {"resourceVersion": version}
        status, body = self._send("DELETE", self._path(kind, name), body=options)
        if status != _ABSENT:
            self._check(status, body, "delete", kind, name)

    def _path(self, kind: Kind, name: str | None = None) -> str:
        space = f"{kind.prefix}/namespaces/{self._namespace}/{kind.plural}"
        return space if name is None else f"{space}/{_named(name)}"

    def _check(self, status: int, body: str, verb: str, kind: Kind, name: str) -> None:
        if status >= _FAILED:
            where = f"{name} in {self._namespace}" if name else f"in {self._namespace}"
            error = failure(status, body, Call(verb, kind, where))
            if has_moved(status, body):
                raise MovedError(error.message, hint=error.hint)
            raise error

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        content: str = "application/json",
    ) -> tuple[int, str]:
        """Return the status and the text of an answer, whatever it says."""
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json", "Content-Type": content}
        self._client.update_params_for_auth(headers, [], ["BearerToken"])
        address = f"{self.server}{path}{'?' if query else ''}{urlencode(query or {})}"
        seconds = self._patience.read if method == "GET" else self._patience.work

        def send() -> tuple[int, str]:
            answer = self._client.rest_client.pool_manager.request(
                method,
                address,
                headers=headers,
                body=None if body is None else json.dumps(body),
                preload_content=False,
                redirect=False,
                timeout=_timeout(*self._patience.limits(seconds)),
            )
            try:
                data = read_whole(answer.stream(CHUNK_BYTES))
            except BaseException:
                answer.close()  # what is left of it is not for the next request
                raise
            return int(answer.status), data.decode("utf-8", "replace")

        try:
            return within(seconds, send)
        except TooLargeError:
            words = f"the answer of {self.server} has no end"
            raise TargetError(words, hint=_NO_API) from None
        except TimeoutError:
            raise unreachable(self.server, "timed out") from None
        except (HTTPError, OSError, ValueError) as error:
            raise unreachable(self.server, str(error)) from error


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
    found = parse_answer(body.encode("utf-8"))
    if not isinstance(found, dict):
        raise TargetError("the cluster gave an answer that is no object", hint=_NO_API)
    return found


def _objects(items: object) -> list[Manifest]:
    """Return the items of a list; each has a name, or it is none of Kubernetes."""
    found = items if isinstance(items, list) else []
    for item in found:
        about = item.get("metadata") if isinstance(item, dict) else None
        if not isinstance(about, dict) or not _is_name(about.get("name")):
            words = "the cluster gave a list of what is no object"
            raise TargetError(words, hint=_NO_API)
    return found


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _named(name: str) -> str:
    """Return a name for a path: without one, the path would be that of them all."""
    if not _is_name(name):
        message = f"the cluster has an object that is named {name[:80]!r}"
        raise TargetError(message, hint=_NO_API)
    return name


def _timeout(connect: float, read: float) -> Timeout:
    from urllib3 import Timeout

    return Timeout(connect=connect, read=read)


def _name(manifest: Manifest) -> str:
    about = manifest["metadata"]
    return str(about.get("name", "")) if isinstance(about, dict) else ""
