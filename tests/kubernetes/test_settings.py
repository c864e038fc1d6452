"""What an environment may say of a cluster, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowops.errors import InputError, TargetError
from flowops.secrets import Secret, Text
from flowops.systems import event_processing
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from tests.support.streams import IBM, PLACE, settings_of


def test_opening_calls_nothing_and_needs_no_kubeconfig(tmp_path: Path) -> None:
    target = event_processing.open_target(settings_of(IBM, tmp_path))
    assert target.identity.id == "https://cluster.example:6443/namespaces/flows"
    assert target.identity.kind == "kubernetes"
    assert target.opens_secrets
    assert target.keeps_state
    assert target.estimate([], []) == 0.0
    assert target.inventory({"topic"}).kinds == frozenset()


def test_a_job_is_awaited_five_minutes_where_nothing_is_said(tmp_path: Path) -> None:
    values = {key: text for key, text in IBM.items() if key != "timeout"}
    assert read_settings(settings_of(values, tmp_path)).seconds == 300


def test_what_every_target_may_say_is_taken(tmp_path: Path) -> None:
    more: dict[str, Text] = {"version": "1.5", "dialect": "flink", "import": "true"}
    target = event_processing.open_target(settings_of({**IBM, **more}, tmp_path))
    assert target.identity.kind == "kubernetes"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"srver": "x"}, "no key 'srver'"),
        ({"path": "x"}, "no key 'path'"),
        ({"secret-store": "x"}, "no key 'secret-store'"),
        ({"spec.job.parallelism": "2"}, "no key 'spec.job.parallelism'"),
        ({"operator": ""}, "needs `operator`"),
        ({"operator": "confluent"}, "there is no operator 'confluent'"),
        ({"server": ""}, "needs `server`"),
        ({"server": "cluster.example"}, "`server` of the target is"),
        ({"server": "https://me:word@cluster.example"}, "has a login in it"),
        ({"server": "https://[::1"}, "`server` of the target is"),
        ({"server": "ftp://cluster.example"}, "`server` of the target is"),
        ({"namespace": ""}, "needs `namespace`"),
        ({"namespace": "Flows"}, "`namespace` of the target is 'Flows'"),
        ({"context": Secret("a", "b")}, "`context` of a kubernetes target is no"),
        ({"timeout": "soon"}, "must be whole seconds, not 'soon'"),
        ({"timeout": "0"}, "must be whole seconds"),
        ({"dialect": "sql"}, "there is no dialect 'sql'"),
        ({"import": "yes"}, "`import` of the target is 'yes'"),
    ],
)
def test_settings_that_cannot_be_used(
    tmp_path: Path, values: dict[str, Text], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        event_processing.open_target(settings_of({**IBM, **values}, tmp_path))
    assert words in caught.value.message
    assert "me:word" not in str(caught.value)
    assert caught.value.hint
    assert caught.value.location == PLACE


def test_a_pod_without_a_service_account_is_told(tmp_path: Path) -> None:
    values: dict[str, Text] = {**IBM, "server": "in-cluster"}
    target = event_processing.open_target(settings_of(values, tmp_path))
    with pytest.raises(TargetError, match="the settings of the Kubernetes client"):
        target.verify()


def test_the_client_library_is_asked_for_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("kubernetes", "kubernetes.client", "kubernetes.config"):
        monkeypatch.setitem(sys.modules, name, None)
    target = event_processing.open_target(settings_of(IBM, tmp_path))
    with pytest.raises(InputError) as caught:
        target.verify()
    assert "pip install 'flowops-cli[kubernetes]'" in caught.value.hint
    assert caught.value.location == PLACE


def test_the_client_library_is_not_read_before_it_is_needed() -> None:
    words = (
        "import sys, flowops.systems.event_processing.targets.kubernetes.opening as o;"
        "sys.exit('kubernetes' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
