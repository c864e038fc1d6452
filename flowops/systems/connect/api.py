"""The Amazon Connect API of one instance, through boto3.

Errors of the service become ``TargetError`` in words; calls are repeated by
botocore's standard retry mode, which backs off when the service throttles. Every
request, a page or a repetition too, waits until its operation's rate allows it. A
service that takes a request and says nothing is not asked again: it may have done it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from flowops.documents.answers import TooLargeError
from flowops.errors import TargetError
from flowops.patience import Patience
from flowops.systems.connect.arns import INSTANCE
from flowops.systems.connect.whole_answers import SECONDS, bound_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.systems.connect.rates import Rate, RateLimit

    Answer = Mapping[str, object]

MAXIMUM_ATTEMPTS = 5
_BEFORE_SEND = "before-send"
CONNECT, LEX = "connect", "lexv2-models"
_LEX_ATTEMPTS = 3
_LEX_CONNECT_SECONDS = 5
_LEX_PAGE = 1000
_PAGES = 2000
_LONGEST = 1000  # characters: where no JSON came, botocore takes the page for a message
_DENIED = frozenset(
    ["AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"]
)
# A status where the API has a name: something else spoke.
_NAMELESS = frozenset(["301", "302", "303", "307", "308", "401", "403", "404", "407"])
_THROTTLED = frozenset(["ThrottlingException", "TooManyRequestsException"])
UNKNOWN_OPERATION = "UnknownOperationException"
LOOPBACK = frozenset(["127.0.0.1", "localhost", "::1"])
NOT_THE_API = "is a proxy in between, or is `url` that of something else?"


class RefusedCallError(TargetError):
    """The service refused a call; ``code`` is its own name for the reason."""

    def __init__(self, message: str, code: str, *, hint: str = "") -> None:
        """Keep the sentence, the service's name for it, and what to do next."""
        super().__init__(message, hint=hint)
        self.code = code


class _Events(Protocol):
    def register(self, event: str, handler: Callable[..., None]) -> None: ...


class _Meta(Protocol):
    @property
    def events(self) -> _Events: ...


class _Client(Protocol):
    """The part of a boto3 client that is used here."""

    @property
    def meta(self) -> _Meta: ...

    def can_paginate(self, operation: str) -> bool: ...

    def get_paginator(self, operation: str) -> _Paginator: ...

    def tag_resource(self, **arguments: object) -> Answer: ...

    def untag_resource(self, **arguments: object) -> Answer: ...

    def close(self) -> None: ...


class _Paginator(Protocol):
    def paginate(self, **arguments: object) -> Iterator[Answer]: ...


class ConnectApi:
    """Calls one instance; opens its client at the first call."""

    def __init__(
        self,
        instance_arn: str,
        endpoint: str,
        *,
        sandbox: bool,
        limit: RateLimit | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """Remember which instance to call, how often at most, and how long to wait.

        ``sandbox`` uses no AWS credentials; ``seconds`` are those of one answer.
        """
        match = INSTANCE.fullmatch(instance_arn)
        if not match:
            message = f"{instance_arn!r} is not the ARN of an instance"
            raise ValueError(message)
        self.instance_arn = instance_arn
        self.instance_id = match["id"]
        self._region = match["region"]
        self._endpoint = endpoint or None
        self._sandbox = sandbox
        self._limit = limit
        self._seconds = seconds
        self._opened: dict[str, _Client] = {}

    @property
    def rate(self) -> Rate | None:
        """Return how often each operation is asked at most, if there is a limit."""
        return self._limit.rate if self._limit else None

    def call(self, operation: str, **arguments: object) -> Answer:
        """Call an operation of the instance, named as in boto3.

        Raises ``TargetError`` with the service's own words, which is a
        ``RefusedCallError`` when the service answered; one too for an operation that
        the boto3 here does not know.
        """
        method = self._method(operation)
        with _asking(operation, self._seconds):
            return cast("Answer", method(InstanceId=self.instance_id, **arguments))

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource; raises ``TargetError`` with the service's words."""
        with _asking("tag_resource", self._seconds):
            self._client().tag_resource(resourceArn=arn, tags=dict(tags))

    def untag(self, arn: str, keys: Iterable[str]) -> None:
        """Take tags off a resource; raises ``TargetError`` as ``tag`` does."""
        with _asking("untag_resource", self._seconds):
            self._client().untag_resource(resourceArn=arn, tagKeys=[*keys])

    def list(self, operation: str, key: str, **arguments: object) -> Iterator[object]:
        """Give every item of a list operation, page by page.

        Raises ``TargetError`` as ``call`` does.
        """
        self._method(operation)
        with _asking(operation, self._seconds):
            for page in _few(self._pages(operation, arguments)):
                yield from cast("list[object]", page.get(key, []))

    def list_of_lex(
        self, operation: str, key: str, **arguments: object
    ) -> Iterator[object]:
        """Give every item of a list operation of Amazon Lex V2, page by page.

        botocore has no paginators for these. Raises ``TargetError`` with the
        service's own words.
        """
        with _asking(operation, self._seconds, "Amazon Lex"):
            for page in _few(self._pages_of_lex(operation, arguments)):
                yield from cast("list[object]", page.get(key, []))

    def _pages(
        self, operation: str, arguments: Mapping[str, object]
    ) -> Iterator[Answer]:
        """Give the pages of a list; botocore has no paginator for some searches."""
        given = {"InstanceId": self.instance_id, **arguments}
        if self._client().can_paginate(operation):
            yield from self._client().get_paginator(operation).paginate(**given)
            return
        paging = cast("Mapping[str, object]", given.pop("PaginationConfig", {}))
        if "PageSize" in paging:
            given["MaxResults"] = paging["PageSize"]
        while True:
            page = cast("Answer", self._method(operation)(**given))
            yield page
            if not (token := page.get("NextToken")):
                return
            given["NextToken"] = token

    def _pages_of_lex(
        self, operation: str, arguments: Mapping[str, object]
    ) -> Iterator[Answer]:
        paging: dict[str, object] = {"maxResults": _LEX_PAGE}
        while True:
            method = getattr(self._client(LEX), operation)
            page = cast("Answer", method(**arguments, **paging))
            yield page
            if not (token := page.get("nextToken")):
                return
            paging["nextToken"] = token

    def _method(self, operation: str) -> Callable[..., object]:
        method: Callable[..., object] | None = getattr(self._client(), operation, None)
        if method is None:
            raise RefusedCallError(
                f"the boto3 installed here does not know {operation}",
                UNKNOWN_OPERATION,
                hint="install a newer boto3",
            )
        return method

    def _client(self, service: str = CONNECT) -> _Client:
        if service not in self._opened:
            credentials = (
                {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
                if self._sandbox
                else {}
            )
            session = boto3.session.Session()
            bound_answers(session, service, self._seconds)
            opened: _Client = session.client(
                service,
                region_name=self._region,
                endpoint_url=self._endpoint,
                config=_configuration(
                    service, self._seconds, proxied=not self._sandbox
                ),
                **credentials,
            )
            if self._limit:
                opened.meta.events.register(_BEFORE_SEND, self._wait)
            self._opened[service] = opened
        return self._opened[service]

    def _wait(self, event_name: str, **_: object) -> None:
        """Wait for the operation that an event of botocore names.

        One of Lex keeps the name of its service: both have a ``ListBots``.
        """
        if self._limit:
            words = event_name.removeprefix(f"{_BEFORE_SEND}.")
            self._limit.wait(words.removeprefix(f"{CONNECT}."))


def _configuration(service: str, seconds: float, *, proxied: bool) -> Config:
    """Return how to call a service; Lex is given up sooner: it only knows names.

    botocore tries once more after a read that took too long. So it is told to read
    a little longer than an answer may take at all: that limit is never tried again.
    """
    connect, read = Patience().limits(seconds)
    if service == LEX:
        connect = min(connect, _LEX_CONNECT_SECONDS)
    attempts = _LEX_ATTEMPTS if service == LEX else MAXIMUM_ATTEMPTS
    return Config(
        retries={"mode": "standard", "max_attempts": attempts},
        connect_timeout=connect,
        read_timeout=read,
        proxies=None if proxied else {},
    )


def _few(pages: Iterator[Answer]) -> Iterator[Answer]:
    """Give every page; raises ``TooLargeError`` for a list without an end."""
    for number, page in enumerate(pages):
        if number == _PAGES:
            raise TooLargeError
        yield page


@contextmanager
def _asking(
    operation: str, seconds: float, service: str = "Amazon Connect"
) -> Iterator[None]:
    """Turn what boto3 raises into a ``TargetError``.

    botocore's parsers raise whatever they meet when another server answers, such as
    a proxy: the last six are theirs.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise _in_words(operation, error, service) from error
    except TimeoutError as error:
        raise TargetError(
            f"{service} did not finish its answer to {operation} within {seconds:g} s",
            hint=NOT_THE_API,
        ) from error
    except TooLargeError as error:
        raise TargetError(
            f"{service} gives {operation} an answer without an end", hint=NOT_THE_API
        ) from error
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise TargetError(
            f"{service} answered {operation} with what boto3 cannot read",
            hint=NOT_THE_API,
        ) from error


def _unreached_hint(error: BotoCoreError) -> str:
    """Say what to look at; on this machine only a sandbox can be meant."""
    url = urlsplit(str(error.kwargs.get("endpoint_url", "")))
    if url.hostname in LOOPBACK:
        return f"start the sandbox: `flowops sandbox FILE --port {url.port}`"
    return "check the network, the endpoint and the AWS credentials of this job"


def _in_words(
    operation: str, error: ClientError | BotoCoreError, service: str
) -> TargetError:
    if not isinstance(error, ClientError):
        return TargetError(
            f"{service} could not be asked ({operation}): {error}",
            hint=_unreached_hint(error),
        )
    details = error.response.get("Error", {})
    code = details.get("Code", "an error")
    said = str(details.get("Message") or "").strip()[:_LONGEST]
    words = [said, *_problems(error.response)]
    hint = ""
    if code in _DENIED:
        hint = "check the AWS credentials of this job and what they may do"
    elif code in _THROTTLED:
        hint = "lower `rate` of the target, or ask AWS for a higher quota"
    elif code in _NAMELESS:
        hint = NOT_THE_API
    reason = "; ".join(word for word in words if word)
    words = [f"{service} refused {operation}", code, reason]
    sentence = ": ".join(word for word in words if word)
    return RefusedCallError(sentence, code, hint=hint)


def _problems(response: Answer) -> list[str]:
    """Return the messages of InvalidContactFlow(Module)Exception.

    The member is ``problems`` for a flow and ``Problems`` for a module.
    """
    problems = response.get("problems") or response.get("Problems") or []
    found = problems if isinstance(problems, list) else []
    return [str(p.get("message") or p.get("Message")) for p in found]
