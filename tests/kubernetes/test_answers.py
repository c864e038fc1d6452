"""What is made of what a cluster and its operator say."""

from __future__ import annotations

import json

import pytest

from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    SECRETS,
)
from flowops.systems.event_processing.targets.kubernetes.failures import (
    Call,
    conflicting_appliers,
    failure,
    names_object,
    unreachable,
)
from flowops.systems.event_processing.targets.kubernetes.live_spec import as_it_is
from flowops.systems.event_processing.targets.kubernetes.status import (
    Verdict,
    generation_of,
    standing,
)
from tests.support.clusters import Object, status_of

STABLE = "lifecycle STABLE, job RUNNING, job manager READY"
CALL = Call("patch", DEPLOYMENTS, "orders in flows")


def said(**changes: object) -> Object:
    """Make a deployment of the second spec with a status of a job that runs."""
    live: Object = {"metadata": {"generation": 2}}
    return {**live, "status": {**status_of(live, "STABLE", "RUNNING"), **changes}}


def reconciled(generation: int) -> Object:
    spec = {"resource_metadata": {"metadata": {"generation": generation}}}
    return {"lastReconciledSpec": json.dumps(spec)}


@pytest.mark.parametrize(
    ("live", "verdict"),
    [
        (said(), Verdict.RUNS),
        (said(jobStatus={"state": "FINISHED"}), Verdict.RUNS),
        (said(jobStatus={"state": "RECONCILING"}), Verdict.UNKNOWN),
        (said(jobStatus={}), Verdict.UNKNOWN),
        (said(lifecycleState="DEPLOYED"), Verdict.UNKNOWN),
        (said(lifecycleState="UPGRADING"), Verdict.UNKNOWN),
        (said(error="try again"), Verdict.RUNS),
        (said(lifecycleState="FAILED"), Verdict.FAILED),
        (said(lifecycleState="ROLLED_BACK"), Verdict.FAILED),
        (said(lifecycleState="ROLLING_BACK"), Verdict.FAILED),
        (said(jobStatus={"state": "FAILED"}), Verdict.FAILED),
        (said(jobStatus={"state": "CANCELED"}), Verdict.FAILED),
        (
            said(lifecycleState="UPGRADING", jobStatus={"state": "CANCELED"}),
            Verdict.UNKNOWN,
        ),
        (said(jobManagerDeploymentStatus="ERROR"), Verdict.FAILED),
        (said(reconciliationStatus=reconciled(1)), Verdict.UNKNOWN),
        (
            said(reconciliationStatus=reconciled(1), lifecycleState="FAILED"),
            Verdict.UNKNOWN,
        ),
        (said(reconciliationStatus={}, observedGeneration=1), Verdict.UNKNOWN),
        (said(reconciliationStatus={}), Verdict.RUNS),
        (said(reconciliationStatus={}, observedGeneration=None), Verdict.UNKNOWN),
        (said(reconciliationStatus={"lastReconciledSpec": "["}), Verdict.RUNS),
        ({}, Verdict.UNKNOWN),
        ({"status": 7}, Verdict.UNKNOWN),
    ],
)
def test_standings(live: Object, verdict: Verdict) -> None:
    assert standing(live, 2).verdict is verdict


@pytest.mark.parametrize(
    ("live", "words"),
    [
        ({}, "no operator has looked at it yet"),
        (
            said(error='{"message": "no broker\\n\\tat X"}'),
            f"{STABLE}: no broker",
        ),
        (
            said(reconciliationStatus=reconciled(1)),
            f"nothing of the new spec yet ({STABLE})",
        ),
    ],
)
def test_the_operators_words(live: Object, words: str) -> None:
    assert standing(live, 2).words == words


def test_a_long_error_is_cut() -> None:
    assert len(standing(said(error="x" * 5000), 2).words) < 400


def test_an_object_that_counts_nothing_has_no_generation() -> None:
    assert generation_of({}) == 0


@pytest.mark.parametrize(
    ("status", "message", "words", "hint"),
    [
        (401, "Unauthorized", "does not know who asks", "log in again"),
        (403, "no", "does not allow to patch flinkdeployments", "verb patch"),
        (404, "404 page not found", "has no flinkdeployments", "install the Flink"),
        (404, 'namespaces "flows" not found', "no such namespace", "create it"),
        (409, "conflict", "another program keeps", "only one of the two"),
        (422, "spec.x: Invalid", "does not accept it", "`spec` of the target"),
        (400, "unknown field", "does not accept it", "`spec` of the target"),
        (500, ".spec.x: field not declared in schema", "does not accept it", "`spec`"),
        (500, "etcd", "failed with 500", "look at the API server"),
        (503, "", "cannot answer now (503)", "try again"),
        (429, "too many requests", "cannot answer now (429)", "try again"),
        (
            403,
            'admission webhook "validate.flink" denied the request: no HA',
            f"the admission webhook validate.flink denied to {CALL}: no HA",
            "mend what it names",
        ),
    ],
)
def test_failures(status: int, message: str, words: str, hint: str) -> None:
    error = failure(status, json.dumps({"message": message}), CALL)
    assert words in error.message
    assert hint in error.hint


def test_an_answer_that_is_no_json_is_not_shown() -> None:
    error = failure(502, "<html>secret</html>", Call("get", SECRETS, "x in flows"))
    assert error.message == (
        "the cluster cannot answer now (502): get secrets x in flows"
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] unable", "is not signed by an authority"),
        ("Read timed out.", "does not answer in time"),
        ("Connection refused", "cannot be reached"),
    ],
)
def test_a_server_that_gives_no_answer(reason: str, words: str) -> None:
    error = unreachable("https://x", reason)
    assert words in error.message
    assert error.hint


def test_only_those_that_apply_are_in_the_way() -> None:
    causes = [
        {"message": 'conflict with "kubectl-edit" using flink.apache.org/v1beta1'},
        {"message": 'conflict with "argocd-controller"'},
        {"message": "something else"},
        7,
    ]
    body = json.dumps({"details": {"causes": causes}})
    assert conflicting_appliers(body) == ["argocd-controller"]
    assert conflicting_appliers('{"details": {"causes": 7}}') == []
    assert conflicting_appliers("[") == []


def test_an_answer_names_the_object_it_speaks_of() -> None:
    assert names_object('{"details": {"name": "orders"}}', "orders")
    assert not names_object("404 page not found", "orders")


def test_a_spec_as_it_is() -> None:
    made = "spec:\n  a: 1\n  b: [1, 2]\n  c: {d: x, e: y}\n  f: z\n"
    sent = {"spec": {"a": 1, "b": [1, 2], "c": {"d": "x", "e": "real"}, "f": "z"}}
    assert as_it_is(made, sent, {"spec": {**sent["spec"], "more": 1}}) == made
    live = {"spec": {"a": 2, "b": [1], "c": {"d": "x", "e": "real"}}}
    assert as_it_is(made, sent, live).splitlines()[1:] == [
        "spec:",
        "  a: 2",
        "  b:",
        "  - 1",
        "  c:",
        "    d: x",
        "    e: y",
    ]
