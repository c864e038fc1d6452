"""The Amazon Connect API of one instance, through boto3.

Errors of the service become ``TargetError`` in words; calls are repeated by
botocore's standard retry mode, which backs off when the service throttles. Every
request, a page or a repetition too, waits until its operation's rate allows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from flowops.errors import TargetError
from flowops.systems.connect.arns import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowops.systems.connect.rates import RateLimit

    Answer = Mapping[str, object]

MAXIMUM_ATTEMPTS = 5
_TIMEOUT_SECONDS = 30
_BEFORE_SEND = "before-send.connect"
_DENIED = frozenset(
    ["AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"]
)


class _Events(Protocol):
    def register(self, event: str, handler: Callable[..., None]) -> None: ...


class _Meta(Protocol):
    @property
    def events(self) -> _Events: ...


class _Client(Protocol):
    """The part of a boto3 client that is used here."""

    @property
    def meta(self) -> _Meta: ...

    def get_paginator(self, operation: str) -> _Paginator: ...

    def tag_resource(self, **arguments: object) -> Answer: ...

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
    ) -> None:
        """Remember which instance to call, and how often at most.

        ``sandbox`` uses no AWS credentials.
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
        self._opened: _Client | None = None

    def call(self, operation: str, **arguments: object) -> Answer:
        """Call an operation of the instance, named as in boto3.

        Raises ``TargetError`` with the service's own words.
        """
        try:
            method = getattr(self._client(), operation)
            return cast("Answer", method(InstanceId=self.instance_id, **arguments))
        except (ClientError, BotoCoreError) as error:
            raise _in_words(operation, error) from error

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource; raises ``TargetError`` with the service's words."""
        try:
            self._client().tag_resource(resourceArn=arn, tags=dict(tags))
        except (ClientError, BotoCoreError) as error:
            raise _in_words("tag_resource", error) from error

    def list(self, operation: str, key: str, **arguments: object) -> Iterator[object]:
        """Give every item of a list operation, page by page.

        Raises ``TargetError`` with the service's own words.
        """
        try:
            pages = (
                self._client()
                .get_paginator(operation)
                .paginate(InstanceId=self.instance_id, **arguments)
            )
            for page in pages:
                yield from cast("list[object]", page.get(key, []))
        except (ClientError, BotoCoreError) as error:
            raise _in_words(operation, error) from error

    def _client(self) -> _Client:
        if self._opened is None:
            credentials = (
                {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
                if self._sandbox
                else {}
            )
            self._opened = boto3.session.Session().client(
                "connect",
                region_name=self._region,
                endpoint_url=self._endpoint,
                config=_configuration(proxied=not self._sandbox),
                **credentials,
            )
            if self._limit:
                self._opened.meta.events.register(_BEFORE_SEND, self._wait)
        return self._opened

    def _wait(self, event_name: str, **_: object) -> None:
        """Wait for the operation that an event of botocore ends in."""
        if self._limit:
            self._limit.wait(event_name.rpartition(".")[2])


def _configuration(*, proxied: bool) -> Config:
    return Config(
        retries={"mode": "standard", "max_attempts": MAXIMUM_ATTEMPTS},
        connect_timeout=_TIMEOUT_SECONDS,
        read_timeout=_TIMEOUT_SECONDS,
        proxies=None if proxied else {},
    )


def _in_words(operation: str, error: ClientError | BotoCoreError) -> TargetError:
    if not isinstance(error, ClientError):
        return TargetError(
            f"Amazon Connect could not be asked ({operation}): {error}",
            hint="check the network, the endpoint and the AWS credentials of this job",
        )
    details = error.response.get("Error", {})
    code = details.get("Code", "an error")
    words = [str(details.get("Message") or "").strip(), *_problems(error.response)]
    hint = ""
    if code in _DENIED:
        hint = "check the AWS credentials of this job and what they may do"
    reason = "; ".join(word for word in words if word)
    words = [f"Amazon Connect refused {operation}", code, reason]
    return TargetError(": ".join(word for word in words if word), hint=hint)


def _problems(response: Answer) -> list[str]:
    """Return the messages of InvalidContactFlow(Module)Exception.

    The member is ``problems`` for a flow and ``Problems`` for a module.
    """
    problems = response.get("problems") or response.get("Problems") or []
    found = problems if isinstance(problems, list) else []
    return [str(p.get("message") or p.get("Message")) for p in found]
