"""Whatever a server answers, FlowOps ends with an error of its own, or goes on.

Good answers are changed in one place each: another type, nothing, what Python cannot
turn into a number, what cannot be written as UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowops.errors import FlowOpsError
from flowops.github.api import Comments
from flowops.http_client import HttpClient, Login, Response
from flowops.model import Address, Location
from flowops.patience import Patience
from flowops.systems.connect.api import ConnectApi
from flowops.systems.connect.flow_types import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.target import ConnectInstance
from flowops.systems.connect.whole_answers import WholeAnswers
from flowops.systems.event_processing.inventory import registry
from flowops.systems.event_processing.inventory.sources import Source
from flowops.systems.event_processing.targets.flink import rest
from flowops.systems.event_processing.targets.flink.gateway import Gateway
from flowops.systems.event_processing.targets.flink.job_manager import Job, JobManager
from flowops.systems.event_processing.targets.flink.job_script import job_script
from flowops.systems.event_processing.targets.flink.marks import mark_of, parameters
from flowops.systems.event_processing.targets.kubernetes.api import ApiCluster
from flowops.systems.event_processing.targets.kubernetes.cluster import (
    DEPLOYMENTS,
    SECRETS,
)
from flowops.systems.event_processing.targets.kubernetes.settings import read_settings
from flowops.systems.event_processing.targets.kubernetes.target import Namespace
from flowops.systems.protocol import Bundle, Mark
from tests.support.clusters import MemoryCluster
from tests.support.flink_server import CONFIG, JOB
from tests.support.mutations import mutated
from tests.support.projects import copy_example, held_by_staging, serve
from tests.support.streams import IBM, flow_bundle, settings_of

Json = Any
QUICK = Patience(pauses=())
FLOW = Address("event_processing", "flow", "Large orders")
RUN = Mark("shop", "run-1", "sha256:1")
PAIRS = dict(
    pair.split(":", 1)
    for pair in parameters(mark_of(Bundle(FLOW, "", {"a": "b"}), RUN, "a.jar")).split(
        ","
    )
)
TRACE = "a.B$CException: one\n\tat x\nCaused by: a.DException: two\n"
HOST = "http://server.example"
SESSION = "/v2/sessions/s"
FLINK: Mapping[str, Json] = {
    "/config": CONFIG,
    "/jobs": {"jobs": [{"id": JOB, "status": "RUNNING"}]},
    "/jobs/overview": {"jobs": [{"jid": JOB, "name": "Orders", "start-time": 17e11}]},
    f"/jobs/{JOB}": {"state": "RUNNING", "vertices": [{"status": "RUNNING"}]},
    f"/jobs/{JOB}/config": {"execution-config": {"user-config": PAIRS}},
    f"/jobs/{JOB}/status": {"status": "FINISHED"},
    f"/jobs/{JOB}/checkpoints": {
        "counts": {"completed": 3},
        "latest": {"savepoint": {"external_path": "s3://a/b"}},
    },
    f"/jobs/{JOB}/checkpoints/config": {"interval": 1000},
    f"/jobs/{JOB}/exceptions?maxExceptions=1": {
        "exceptionHistory": {"entries": [{"stacktrace": TRACE}]}
    },
    "/overview": {"slots-available": 1, "slots-total": 3},
    f"/jobs/{JOB}/savepoints/t": {
        "status": {"id": "COMPLETED"},
        "operation": {"location": "s3://a/b", "failure-cause": {"stack-trace": TRACE}},
    },
    "/jars": {"files": [{"id": "u_a.jar", "name": "a.jar"}]},
    "/jars/upload": {"filename": "/tmp/u_a.jar"},
    "/v2/info": {"version": "2.2.0"},
    "/v2/sessions": {"sessionHandle": "s"},
    f"{SESSION}/statements": {"operationHandle": "o"},
    f"{SESSION}/operations/o/status": {"status": "FINISHED"},
    f"{SESSION}/operations/o/result/0": {"resultType": "EOS"},
}


@dataclass(frozen=True)
class Prepared(HttpClient):
    """Gives prepared answers by path, read as those of the network are."""

    answers: Mapping[str, Json] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = QUICK

    def ask(self, method: str, url: str, *_: object, **__: object) -> Response:
        path = url.removeprefix(HOST)
        document = self.answers.get(path, self.answers.get("*", {}))
        return Response(self.status, self.headers, json.dumps(document).encode())


class Flink(rest.Endpoint):
    """A Flink that gives prepared answers."""

    def __init__(self, answers: Mapping[str, Json], status: int = 200) -> None:
        super().__init__(HOST, Login(), None)
        self._client = Prepared(answers=answers, status=status)


def flink_calls(endpoint: Flink) -> Iterator[Callable[[], object]]:
    manager, gateway = JobManager(endpoint), Gateway(endpoint, 1)
    job = Job(JOB, "Orders", "RUNNING")
    yield from (manager.takes_jars, manager.jobs, manager.free_slots, manager.jars)
    yield from (
        lambda ask=ask: ask(JOB)
        for ask in (
            *(manager.state, manager.progress, manager.checkpoints_itself),
            *(manager.failure, manager.last_savepoint, manager.cancel),
        )
    )
    yield lambda: manager.mark(job)
    yield lambda: manager.savepoint(JOB, "t")
    yield lambda: manager.upload("a.jar", b"")
    yield gateway.verify
    yield lambda: gateway.submit(job_script("INSERT INTO a SELECT 1;"), {})


def goes_on(call: Callable[[], object]) -> None:
    """Hold that a call gives what can be written, or fails with words."""
    try:
        found = repr(call())
    except FlowOpsError as error:
        found = str(error)
    found.encode("utf-8")


@pytest.mark.parametrize("path", FLINK)
@settings(max_examples=40)
@given(st.data())
def test_flink_may_answer_anything(path: str, data: st.DataObject) -> None:
    answers = {**FLINK, path: data.draw(mutated(FLINK[path]))}
    for call in flink_calls(Flink(answers)):
        goes_on(call)


@given(mutated({"errors": ["no", f"<Exception on server side:\n{TRACE}"]}))
def test_flink_may_refuse_in_any_words(answer: Json) -> None:
    for call in flink_calls(Flink(dict.fromkeys(FLINK, answer), 500)):
        goes_on(call)


@pytest.mark.parametrize("version", ["²", "9" * 5000, "2.²", ".", "٢.٢", "2"])
def test_a_version_may_be_any_text(version: str) -> None:
    for call in flink_calls(Flink({"/config": {"flink-version": version}})):
        goes_on(call)


class Api(ApiCluster):
    """A cluster in memory behind the text of its answers; one of them is changed."""

    def __init__(self, memory: MemoryCluster, data: st.DataObject | None) -> None:
        self._namespace, self._patience = "flows", QUICK
        self._memory = memory
        self._data = data
        self.asked = 0
        self.wrong = -1

    @property
    def server(self) -> str:
        return self._memory.server

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        content: str = "",
    ) -> tuple[int, str]:
        del content
        status, answer = self._answer(method, path, query or {}, dict(body or {}))
        if self.asked == self.wrong and self._data:
            answer = self._data.draw(mutated(answer))
        self.asked += 1
        return status, json.dumps(answer)

    def _answer(
        self, method: str, path: str, query: Mapping[str, str], body: dict[str, Any]
    ) -> tuple[int, Json]:
        kind = DEPLOYMENTS if DEPLOYMENTS.plural in path else SECRETS
        name = path.partition(f"/{kind.plural}/")[2]
        dry = "dryRun" in query
        match method:
            case "GET" if name:
                found = self._memory.get(kind, name)
                return (200, found) if found else (404, {"details": {"name": name}})
            case "GET":
                listed = self._memory.list(kind, query["labelSelector"])
                return 200, {"metadata": {}, "items": [*listed]}
            case "POST":
                self._memory.create(kind, body, dry=dry)
                return 201, body
            case "PATCH":
                return 200, self._memory.apply(kind, body, dry=dry)
        assert name  # else it would take all of them away
        self._memory.delete(kind, name)
        return 200, {}


def promoted_twice_and_taken_back(memory: MemoryCluster, api: Api, root: Path) -> None:
    def opened(cluster: MemoryCluster | Api) -> Namespace:
        found = read_settings(settings_of(IBM, root))
        return Namespace(found, lambda: cluster)

    def promote(target: Namespace, bundle: Bundle, mark: Mark) -> None:
        target.reserve([bundle], mark)
        target.stage(bundle)
        target.publish(bundle, mark)

    promote(opened(memory), FIRST_BUNDLE, RUN)
    target = opened(api)
    target.verify()
    before = target.read({FLOW: "published"})
    repr(before), target.managed("shop"), target.drafts([FLOW])
    promote(target, SECOND_BUNDLE, Mark("shop", "run-2", "sha256:2"))
    opened(api).restore(FLOW, before.get(FLOW), "run-2")
    opened(api).remove(FLOW)


FIRST_BUNDLE, SECOND_BUNDLE = flow_bundle(), flow_bundle("FALSE")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_kubernetes_may_answer_anything(tmp_path: Path, data: st.DataObject) -> None:
    api = Api(MemoryCluster(), data)
    api.wrong = data.draw(st.integers(0, ANSWERS - 1))
    memory = api._memory
    goes_on(lambda: promoted_twice_and_taken_back(memory, api, tmp_path))


ANSWERS = 23


def test_a_whole_life_has_so_many_answers(tmp_path: Path) -> None:
    memory = MemoryCluster()
    api = Api(memory, None)
    promoted_twice_and_taken_back(memory, api, tmp_path)
    assert api.asked == ANSWERS


@given(mutated(["orders-value", "payments-value"]), st.sampled_from([200, 401, 503]))
def test_a_registry_may_answer_anything(answer: Json, status: int) -> None:
    values = {"url": "https://registry.example"}
    source = Source("registry", values, 1, Path(), Location("a.yaml"))
    said = Response(status, {}, json.dumps(answer).encode())
    goes_on(lambda: registry._subjects(source, said))


ROW = {"id": 1, "user": {"login": "bot"}, "body": "words"}


@given(
    mutated([ROW, ROW]) | mutated({"login": "bot"}),
    st.sampled_from(["", "<http://[>", f"<{HOST}/next>", "<x>", "<//a>", "<;,=", ","]),
    st.sampled_from(['; rel="next"', "; rel=next", "; rel", ""]),
)
def test_github_may_answer_anything(answer: Json, following: str, rel: str) -> None:
    client = Prepared(answers={"*": answer}, headers={"Link": following + rel})
    api = Comments(client, HOST, "a/b", 1)
    goes_on(lambda: [*api.listed()])
    goes_on(api.author)


class Transport(Protocol):
    """What sends a request of botocore."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse: ...

    def close(self) -> None: ...


class Changing:
    """Sends to a sandbox, and changes one of its answers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.answers = 0
        self.wrong = -1
        self.data: st.DataObject | None = None

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        found = self._transport.send(request)
        text = b"".join(found.raw.stream())
        if self.answers == self.wrong and self.data:
            document = self.data.draw(mutated(json.loads(text)))
            text = json.dumps(document).encode()
        self.answers += 1
        body = Body(text)
        return AWSResponse(found.url, found.status_code, found.headers, body)

    def close(self) -> None:
        self._transport.close()


class Body:
    """Bytes that are read as those of a connection."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, amount: int | None = None) -> bytes:
        taken = len(self._data) if amount is None else amount
        found, self._data = self._data[:taken], self._data[taken:]
        return found

    def close(self) -> None:
        pass


def look_around(api: ConnectApi) -> str:
    target = ConnectInstance("sandbox", api)
    target.verify()
    found = target.inventory({"queue", "prompt", "hours-of-operation"})
    flows = [
        Address("connect", one.kind, one.name)
        for one in found.resources
        if one.kind in (CONTACT_FLOW, FLOW_MODULE)
    ][:3]
    seen = [
        target.read(dict.fromkeys(flows, state)) for state in ("published", "saved")
    ]
    return repr((found, target.managed("shop"), seen, target.drafts(flows)))


def test_connect_may_answer_anything(tmp_path: Path) -> None:
    root = copy_example(tmp_path / "project")
    with serve(root, held_by_staging()) as project:
        assert project.run("promote", "staging", "--yes").code == 0
        url = project.client.meta.endpoint_url
        api = ConnectApi(project.sandbox.instance_arn, url, sandbox=True)
        endpoint = api._client()._endpoint  # type: ignore[attr-defined]
        changing = Changing(endpoint.http_session._transport)
        endpoint.http_session = WholeAnswers(changing)
        look_around(api)
        count = changing.answers

        @settings(max_examples=200)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            changing.answers, changing.data = 0, data
            changing.wrong = data.draw(st.integers(0, count - 1))
            goes_on(lambda: look_around(api))

        check()
