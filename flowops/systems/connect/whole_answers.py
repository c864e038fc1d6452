"""A limit for the whole of an answer to boto3: its time, and its size.

botocore's ``read_timeout`` holds for each read from the network alone, and it reads a
body to the end, however long. Clients are extended as "Extensibility guide" of the
boto3 documentation has it, with the event ``creating-client-class``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from botocore.awsrequest import AWSResponse
from botocore.response import StreamingBody

from flowops.documents.answers import CHUNK_BYTES, parse_answer, read_whole
from flowops.patience import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boto3.session import Session
    from botocore.awsrequest import AWSPreparedRequest

SECONDS = 30.0
_GOOD = range(200, 300)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Transport(Protocol):
    """What sends a request of botocore."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send it, and return what comes back."""

    def close(self) -> None:
        """Close every connection."""


class WholeAnswers:
    """Sends through another transport, and reads each answer within the limits."""

    def __init__(self, transport: Transport, seconds: float = SECONDS) -> None:
        """Keep what sends, and how long an answer may take."""
        self._transport = transport
        self._seconds = seconds

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request once.

        Raises ``TimeoutError`` and ``TooLargeError``, which botocore does not answer
        with another attempt, ``ValueError`` for what is no JSON, or a text that cannot
        be written again, and what the transport raises.
        """
        return within(self._seconds, lambda: self._read(request))

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def _read(self, request: AWSPreparedRequest) -> AWSResponse:
        request.stream_output = True  # botocore is not to read it to its end
        found = self._transport.send(request)
        body = StreamingBody(found.raw, found.headers.get("Content-Length"))
        try:
            data = read_whole(iter(lambda: body.read(CHUNK_BYTES), b""))
        finally:
            body.close()
        # botocore takes a page that is no JSON for an answer that says nothing.
        says_yes = bool(data) and found.status_code in _GOOD
        if (says_yes or _SURROGATE.search(data)) and parse_answer(data) is None:
            message = "this is no JSON, or has half a surrogate pair"
            raise ValueError(message)
        return AWSResponse(found.url, found.status_code, found.headers, _Read(data))


class _Read:
    """A body that is here already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> Iterator[bytes]:
        yield self._data


def bound_answers(session: Session, service: str, seconds: float = SECONDS) -> None:
    """Let the clients that a session makes of a service keep to the limits."""

    class Bounded(_Bounded):
        _seconds = seconds

    def extend(base_classes: list[type], **_: object) -> None:
        base_classes.insert(0, Bounded)

    session.events.register(f"creating-client-class.{service}", extend)


class _Endpoint(Protocol):
    http_session: Transport


class _Bounded:
    """Goes in front of a client's class, and takes its transport over."""

    _endpoint: _Endpoint
    _seconds: float

    def __init__(self, *arguments: object, **named: object) -> None:
        start: Callable[..., None] = super().__init__
        start(*arguments, **named)
        transport = WholeAnswers(self._endpoint.http_session, self._seconds)
        self._endpoint.http_session = transport
