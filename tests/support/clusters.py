"""A cluster in memory, and an operator that says how each deployment stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowops.errors import TargetError
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    Kind,
    MovedError,
)

Object: TypeAlias = "dict[str, Any]"
Behaviour: TypeAlias = "Callable[[Object], Object]"
SERVER = "https://cluster.example:6443"
VERSION = "resourceVersion"
MAXIMUM_STEPS = 100


def stable(deployment: Object) -> Object:
    """Say that the job of this spec runs."""
    return status_of(deployment, "STABLE", "RUNNING")


def failing(deployment: Object) -> Object:
    """Say that the job of this spec failed, as an operator does, with a trace."""
    error = json.dumps({"type": "Exception", "message": "no broker\n\tat Java"})
    return {**status_of(deployment, "FAILED", "FAILED"), "error": error}


def silent(deployment: Object) -> Object:
    """Say nothing, as where no operator runs."""
    return dict(deployment.get("status", {}))


def status_of(deployment: Object, lifecycle: str, job: str) -> Object:
    generation = deployment["metadata"]["generation"]
    spec = {"resource_metadata": {"metadata": {"generation": generation}}}
    return {
        "lifecycleState": lifecycle,
        "jobStatus": {"state": job, "jobId": "a" * 32, "startTime": "1"},
        "jobManagerDeploymentStatus": "READY",
        "observedGeneration": generation,
        "reconciliationStatus": {
            "lastReconciledSpec": json.dumps(spec),
            "state": "DEPLOYED",
        },
    }


@dataclass
class MemoryCluster:
    """Objects by kind and name. ``before`` is told each call, and may raise."""

    behaviour: Behaviour = stable
    server: str = SERVER
    objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda call: None
    writes: int = 0  # each gives a version

    def get(self, kind: Kind, name: str) -> Object | None:
        self._called("get", kind, name)
        return deepcopy(self.objects.get((kind.plural, name)))

    def list(self, kind: Kind, selector: str) -> Sequence[Object]:
        self._called("list", kind, selector)
        wanted = dict(pair.split("=") for pair in selector.split(","))
        return [
            deepcopy(one)
            for (plural, _), one in sorted(self.objects.items())
            if plural == kind.plural
            and wanted.items() <= one["metadata"].get("labels", {}).items()
        ]

    def create(self, kind: Kind, manifest: Object, *, dry: bool = False) -> None:
        self._called("dry create" if dry else "create", kind, self._name(manifest))
        key = (kind.plural, self._name(manifest))
        if key in self.objects:
            raise TargetError(f"{key[1]} is there already")
        if not dry:
            self.objects[key] = deepcopy(manifest)

    def apply(self, kind: Kind, manifest: Object, *, dry: bool = False) -> Object:
        self._called("dry apply" if dry else "apply", kind, self._name(manifest))
        key = (kind.plural, self._name(manifest))
        old = self.objects.get(key, {})
        new, was = deepcopy(manifest), old.get("metadata", {})
        given = new["metadata"].pop("uid", None), new["metadata"].pop(VERSION, None)
        if given[0] not in (None, was.get("uid")):
            raise MovedError(f"{key[1]} is gone")
        if old and given[1] not in (None, was[VERSION]):
            raise MovedError(f"{key[1]} is at another version")
        is_new = old.get("spec") != new.get("spec")
        new["metadata"]["generation"] = was.get("generation", 0) + is_new
        new["metadata"]["uid"] = was.get("uid", f"uid-{self.writes}")
        new["status"] = old.get("status", {})
        if dry:
            return new
        self._written(new)
        self.objects[key] = new
        answer = deepcopy(new)  # the operator looks at it later
        if kind is DEPLOYMENTS:
            new["status"] = self.behaviour(new)
        return answer

    def delete(self, kind: Kind, name: str, *, version: str = "") -> None:
        self._called("delete", kind, name)
        old = self.objects.get((kind.plural, name))
        if old and version and old["metadata"][VERSION] != version:
            raise MovedError(f"{name} is at another version")
        self.objects.pop((kind.plural, name), None)

    def touch(self, kind: Kind, name: str) -> None:
        """Write an object as somebody else does: it has another version then."""
        self._written(self.objects[kind.plural, name])

    def names(self, plural: str) -> Sequence[str]:
        return sorted(name for kind, name in self.objects if kind == plural)

    def _written(self, new: Object) -> None:
        self.writes += 1
        new["metadata"][VERSION] = str(self.writes + 1)

    def _called(self, verb: str, kind: Kind, name: str) -> None:
        call = f"{verb} {kind.plural} {name}"
        self.before(call)
        self.calls.append(call)

    @staticmethod
    def _name(manifest: Object) -> str:
        return str(manifest["metadata"]["name"])
