"""The server takes anything that comes over a socket, and never hangs or shouts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable

import pytest
from botocore.client import BaseClient

from flowops.errors import InputError
from flowops.systems.connect.sandbox import (
    Sandbox,
    SandboxDefectError,
    SandboxInventory,
    SandboxServer,
)
from flowops.systems.connect.sandbox.server import LARGEST_BODY

SIGNED = b"Authorization: AWS4-HMAC-SHA256 Credential=sandbox\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BAD = (400, b"InvalidRequestException")
UNSIGNED = (403, b"MissingAuthenticationTokenException")
UNKNOWN = (404, b"UnknownOperationException")
TOO_LARGE = (413, b"RequestEntityTooLargeException")


def _talk(server: SandboxServer, sent: bytes, *, close: bool = True) -> bytes:
    """Send bytes and give all that comes back until the server hangs up."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        if close:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while more := connection.recv(65536):
            received += more
    return received


def _request(line: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    return line + b" HTTP/1.1\r\nHost: x\r\n" + SIGNED + headers + b"\r\n" + body


def _sized(length: bytes, body: bytes = b"") -> bytes:
    return _request(b"PUT /queues/i", b"Content-Length: " + length + b"\r\n", body)


@pytest.mark.parametrize(
    ("sent", "expected", "words"),
    [
        (b"\x16\x03\x01\x02\x00\r\n\r\n", BAD, "syntax"),
        (b"GARBAGE\r\n\r\n", BAD, "syntax"),
        (b"GET /instance HTTP/9.9\r\n\r\n", BAD, "version"),
        (b"GET /" + b"a" * 70_000, BAD, "not HTTP"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n", BAD, "headers"),
        (b"GET /instance HTTP/1.1\r\nHost: x\r\n\r\n", UNSIGNED, "Authorization"),
        (b"GET /instance HTTP/1.1\r\nAuthorization:  \r\n\r\n", UNSIGNED, "header"),
        (_request(b"GET /nothing"), UNKNOWN, "no operation has the route GET /nothing"),
        (_request(b"BREW /instance"), UNKNOWN, "BREW"),
        (_request(b"GET /instance/%zz"), BAD, "percent-encoded"),
        (_request(b"GET /instance?x"), BAD, "bad query field"),
        (_sized(b"3", b"{x}"), BAD, "the body: is not JSON"),
        (_sized(b"2", b"\xff\xfe"), BAD, "can't decode"),
        (_sized(b"99", b"{}"), BAD, "shorter than Content-Length"),
        (_sized(b"-1", b"{}"), BAD, "must be one number"),
        (_sized(b"+2", b"{}"), BAD, "must be one number"),
        (_sized(b"2\r\nContent-Length: 2", b"{}"), BAD, "must be one number"),
        (_request(b"PUT /queues/i", CHUNKED, b"2\r\n{}\r\n"), BAD, "Content-Length"),
        (_sized(b"%d" % (LARGEST_BODY + 1)), TOO_LARGE, "at most"),
        (_sized(b"9" * 5000), TOO_LARGE, "at most"),
    ],
)
def test_a_malformed_request_is_refused(
    sent: bytes,
    expected: tuple[int, bytes],
    words: str,
    server: SandboxServer,
    capfd: pytest.CaptureFixture[str],
) -> None:
    answer = _talk(server, sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    status, name = expected
    assert head.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"x-amzn-ErrorType: " + name in head
    assert words in json.loads(body)["Message"]
    assert capfd.readouterr() == ("", "")


def test_after_a_request_that_cannot_be_followed_the_server_hangs_up(
    server: SandboxServer,
) -> None:
    answer = _talk(server, _sized(b"-1") + _request(b"GET /instance"), close=False)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in answer


def test_a_defect_of_the_server_fails_whoever_stops_it(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sandbox, "answer", lambda request: None)
    with (
        pytest.raises(SandboxDefectError, match="AttributeError"),
        SandboxServer(sandbox) as server,
    ):
        assert _talk(server, _request(b"GET /instance")) == b""
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /inst", _request(b"PUT /queues/i", b"Content-Length: 9\r\n", b"{")],
)
def test_a_client_that_stops_talking_is_let_go(sent: bytes, sandbox: Sandbox) -> None:
    with SandboxServer(sandbox, timeout=0.1) as server:
        _talk(server, sent, close=False)  # which waits less long than it usually does


def test_a_client_that_goes_away_leaves_no_trace(
    server: SandboxServer, sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(_request(b"GET /instance") * 50)
            reset = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
    assert b"200 OK" in _talk(server, _request(b"GET /instance"))
    assert sandbox.defects == []
    assert capfd.readouterr() == ("", "")


def test_one_connection_serves_many_requests(server: SandboxServer) -> None:
    answer = _talk(server, _request(b"GET /instance") * 5)
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 5
    assert answer.count(b"Connection: close") == 0


def test_calls_do_not_wait_for_one_another(
    client: BaseClient, sandbox: Sandbox, server: SandboxServer
) -> None:
    """An answer in pieces, where Nagle is on, waits for the client each time."""
    client.describe_instance(InstanceId=sandbox.instance_id)
    (link,) = server._server._threads_of
    assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_threads_write_side_by_side(
    client: BaseClient, sandbox: Sandbox, ids: Callable[[str, str], str]
) -> None:
    hours = ids("operating-hours", "Basic Hours")

    def work(worker: int) -> None:
        for number in range(10):
            client.create_queue(
                InstanceId=sandbox.instance_id,
                Name=f"{worker}/{number}",
                HoursOfOperationId=hours,
            )

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = client.list_queues(
        InstanceId=sandbox.instance_id, QueueTypes=["STANDARD"], MaxResults=1000
    )
    assert len(listed["QueueSummaryList"]) == 82


def test_it_listens_on_loopback_only(server: SandboxServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    assert server._server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_does_not_exist_is_refused(port: int, sandbox: Sandbox) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        SandboxServer(sandbox, port)


def test_a_port_that_is_taken_is_refused(
    server: SandboxServer, sandbox: Sandbox
) -> None:
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(InputError, match=f"port {port} of 127.0.0.1 cannot be used"):
        SandboxServer(sandbox, port)


def test_a_stopped_server_ends_the_connections_it_had(
    sandbox: Sandbox, connect_to: Callable[..., BaseClient]
) -> None:
    with SandboxServer(sandbox) as server:
        client = connect_to(server.url)
        client.list_instances()
    with pytest.raises(Exception, match="Could not connect"):
        client.list_instances()


def test_it_serves_in_the_foreground_until_interrupted(
    sandbox: Sandbox,
    connect_to: Callable[..., BaseClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = SandboxServer(sandbox)
    stop = threading.Event()

    def interrupt() -> None:
        if stop.is_set():
            raise KeyboardInterrupt

    monkeypatch.setattr(server._server, "service_actions", interrupt)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    assert connect_to(server.url).list_instances()["InstanceSummaryList"]
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_two_servers_run_at_once(
    inventory: SandboxInventory, connect_to: Callable[..., BaseClient]
) -> None:
    data = {
        "instance": {
            "alias": "production",
            "region": "us-gov-west-1",
            "account": "444455556666",
        }
    }
    one, other = Sandbox(inventory), Sandbox(SandboxInventory.parse(data))
    with SandboxServer(one) as first, SandboxServer(other) as second:
        (here,) = connect_to(first.url).list_instances()["InstanceSummaryList"]
        (there,) = connect_to(second.url).list_instances()["InstanceSummaryList"]
    assert (here["InstanceAlias"], there["InstanceAlias"]) == ("staging", "production")
    assert there["Arn"].startswith("arn:aws-us-gov:connect:us-gov-west-1:444455556666:")
    one.close()
    other.close()


def test_an_operation_without_behaviour_says_so(
    client: BaseClient, sandbox: Sandbox, refusal: Callable[..., tuple[int, str, str]]
) -> None:
    given = {"InstanceId": sandbox.instance_id}
    assert refusal(client.get_federation_token, **given) == (
        501,
        "NotImplementedException",
        "the sandbox does not do GetFederationToken",
    )
    assert refusal(
        client.create_queue,
        Name="q",
        HoursOfOperationId="h",
        MaxContacts=5,
        **given,
    ) == (
        501,
        "NotImplementedException",
        "the sandbox does not do the argument MaxContacts of CreateQueue",
    )


def test_another_instance_is_not_found(
    client: BaseClient, sandbox: Sandbox, refusal: Callable[..., tuple[int, str, str]]
) -> None:
    for instance in ("nope", sandbox.instance_arn):
        status, code, message = refusal(client.list_queues, InstanceId=instance)
        assert (status, code) == (404, "ResourceNotFoundException")
        assert instance in message
