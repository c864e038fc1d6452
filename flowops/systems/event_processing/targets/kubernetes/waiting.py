"""Wait until a deployment runs, or say whether it failed or nobody knows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowops.errors import TargetError
from flowops.progress import Stage
from flowops.systems.event_processing.targets.kubernetes.cluster import DEPLOYMENTS
from flowops.systems.event_processing.targets.kubernetes.status import (
    Standing,
    Verdict,
    error_of,
    generation_of,
    standing,
)

if TYPE_CHECKING:
    from flowops.progress import Progress
    from flowops.systems.event_processing.manifests.deployments import Manifest
    from flowops.systems.event_processing.targets.kubernetes.cluster import Cluster

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0  # seconds


def wait_until_running(
    cluster: Cluster, name: str, applied: Manifest, seconds: float, progress: Progress
) -> None:
    """Return once the operator says that the job of an applied spec runs.

    Raises ``TargetError`` when it says that the job failed or that it does not accept
    the spec, when the deployment is gone, and when it is not known after so many
    seconds; each says so. A call that fails meanwhile is tried again: the job runs or
    not, whoever can see it.
    """
    end, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        now = _look(cluster, name, applied)
        if now.verdict is Verdict.RUNS:
            return
        if now.verdict is Verdict.REFUSED:
            raise TargetError(
                f"the operator does not accept {name}: {now.words}",
                hint="correct it in the environment, where `spec` is laid over what "
                "is made; a job that ran before was left alone",
            )
        if now.verdict is Verdict.FAILED:
            raise TargetError(
                f"the job of {name} failed; the operator says {now.words}",
                hint=f"look at kubectl describe flinkdeployment {name}, "
                f"and at the log of its job manager",
            )
        if time.monotonic() >= end:
            raise TargetError(
                f"it is not known whether the job of {name} runs, after {seconds} "
                f"seconds: {now.words}",
                hint=f"{_where_to_look(now)}; `timeout` of the target sets how long to "
                "wait",
            )
        progress(Stage(f"waiting for {name}: {now.words}"))
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _where_to_look(now: Standing) -> str:
    """Say where to look: at the operator, or at a job that it could not get to run."""
    if now.is_taken_on:
        return "the log of its job manager says why, and what it waits for"
    return "look whether the operator runs and watches this namespace"


def _look(cluster: Cluster, name: str, applied: Manifest) -> Standing:
    try:
        live = cluster.get(DEPLOYMENTS, name)
    except TargetError as error:
        return Standing(Verdict.UNKNOWN, error.message)
    if live is None:
        raise TargetError(
            f"somebody deleted the FlinkDeployment {name} while it was awaited",
            hint="find out who, and promote again",
        )
    return standing(live, generation_of(applied), error_of(applied))


def wait_until_gone(
    cluster: Cluster, name: str, seconds: float, progress: Progress
) -> None:
    """Return once a deployment is gone: its operator ends the job first.

    Raises ``TargetError`` when it is still there after so many seconds.
    """
    end, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while cluster.get(DEPLOYMENTS, name) is not None:
        if time.monotonic() >= end:
            raise TargetError(
                f"the FlinkDeployment {name} is marked as deleted and still there "
                f"after {seconds} seconds",
                hint="look whether the operator runs: it has to let go of it",
            )
        progress(Stage(f"waiting for {name} to be gone"))
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
