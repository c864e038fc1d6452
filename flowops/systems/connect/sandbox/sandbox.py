"""The sandbox: an Amazon Connect instance that answers requests, without a network."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from flowops.errors import InputError
from flowops.systems.connect.sandbox.answers import Answer, write_error, write_output
from flowops.systems.connect.sandbox.behaviours import BEHAVIOURS, Behaviour
from flowops.systems.connect.sandbox.bots import LEX_BEHAVIOURS
from flowops.systems.connect.sandbox.context import Arguments, Context
from flowops.systems.connect.sandbox.faults import (
    ANSWER_LOST,
    CONNECTION_DROPPED,
    Fault,
    Faults,
)
from flowops.systems.connect.sandbox.model import (
    LEX,
    Operation,
    ServiceModel,
    load_model,
)
from flowops.systems.connect.sandbox.refusals import (
    PROTOCOL_STATUSES,
    ApiError,
    ConnectionDroppedError,
    SandboxDefectError,
    ViolationError,
    declared,
    not_found,
    not_implemented,
)
from flowops.systems.connect.sandbox.requests import Request, read_arguments
from flowops.systems.connect.sandbox.routes import Router
from flowops.systems.connect.sandbox.seed import load_inventory
from flowops.systems.connect.sandbox.store import Store
from flowops.systems.connect.sandbox.validation import check_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from flowops.systems.connect.sandbox.inventory import SandboxInventory
    from flowops.systems.connect.sandbox.throttle import Throttle
    from flowops.systems.connect.sandbox.values import Json

_NEVER_RECORDED = frozenset({"Content"})
_LEX_SCOPE = re.compile(r"Credential=[^,]*/lex/aws4_request")
_FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that came in, without the contents it carried.

    An operation of Amazon Lex is called ``lexv2-models:NAME``.
    """

    operation: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Service:
    """One AWS service: its model, its routes and what the sandbox does of it."""

    model: ServiceModel
    router: Router
    behaviours: Mapping[str, Behaviour]
    context: Context
    prefix: str = ""


class Sandbox:
    """One instance: give it requests, and it gives the answers of the real API.

    ``calls`` holds every call that reached an operation, in the order it came, also
    those that were refused. ``defects`` holds what the sandbox itself got wrong.
    Without a ``throttle`` no call of Amazon Connect is one too many.
    """

    def __init__(
        self,
        inventory: SandboxInventory,
        *,
        state: Path | None = None,
        clock: Callable[[], datetime] | None = None,
        faults: Iterable[Fault] = (),
        behaviours: Mapping[str, Behaviour] = BEHAVIOURS,
    ) -> None:
        """Open the state, and load the inventory into it when it is new.

        Without a clock every look at the time is a second later than the one before,
        so that the same calls give the same answers. Raises ``InputError`` for a
        state that belongs to another instance.
        """
        self._model = load_model()
        self._store = Store(state)
        self._context = Context(
            self._model, inventory.instance, self._store, clock or _ticking_clock()
        )
        self._behaviours = behaviours
        self.throttle: Throttle | None = None
        self._connect = _service(self._context, behaviours)
        lex = replace(self._context, model=load_model(LEX))
        self._lex = _service(lex, LEX_BEHAVIOURS, f"{LEX}:")
        self._faults = Faults(
            [*self._model.operations, *(f"{LEX}:{name}" for name in LEX_BEHAVIOURS)],
            {**self._model.statuses, **lex.model.statuses},
            faults,
        )
        self._answers = count(1)
        self.calls: list[Call] = []
        self.defects: list[str] = []
        try:
            load_inventory(self._context, inventory)
        except InputError:
            self.close()
            raise

    @property
    def instance_id(self) -> str:
        """Give the id of the instance."""
        return self._context.instance.id

    @property
    def instance_arn(self) -> str:
        """Give the ARN of the instance."""
        return self._context.instance.arn

    @property
    def region(self) -> str:
        """Give the Region that the instance says it is in."""
        return self._context.instance.region

    def writes(self) -> list[Call]:
        """Give the calls of operations that change the instance."""
        return [call for call in self.calls if self._is_write(call.operation)]

    def fail(self, operation: str, error: str, times: int = 1, after: int = 0) -> None:
        """Order a fault: ``times`` errors, once ``after`` more calls have passed.

        ``operation`` may be ``*``. ``error`` is a name from the service model, or
        ``ConnectionDropped`` or ``AnswerLost``. Raises ``InputError`` for others.
        """
        self._faults.add(Fault(operation, error, times, after))

    def close(self) -> None:
        """Close the state."""
        self._store.close()

    def answer(self, request: Request) -> Answer:
        """Answer one request.

        Raises ``ConnectionDroppedError`` when a fault asks for it, and
        ``SandboxDefectError`` when the sandbox itself is wrong.
        """
        try:
            answer = self._answer(request)
        except ConnectionDroppedError:
            raise
        except Exception as error:
            self.defects.append(traceback.format_exc())
            raise SandboxDefectError(f"the sandbox failed: {error!r}") from error
        request_id = uuid5(UUID(self.instance_id), f"answer/{next(self._answers)}")
        return Answer(
            answer.status,
            {**answer.headers, "x-amzn-RequestId": str(request_id)},
            answer.body,
        )

    def _answer(self, request: Request) -> Answer:
        errors: tuple[str, ...] = ()
        service = self._service_of(request)
        try:
            _check_authorization(request)
            operation, labels = service.router.match(request.method, request.path)
            errors = operation.errors
            return self._call(service, operation, labels, request)
        except ViolationError as violation:
            return write_error(service.model, declared(violation, errors))
        except ApiError as error:
            return write_error(service.model, error)

    def _service_of(self, request: Request) -> _Service:
        """Return the service that a request is signed for."""
        scope = request.headers.get("authorization", "")
        return self._lex if _LEX_SCOPE.search(scope) else self._connect

    def _call(
        self,
        service: _Service,
        operation: Operation,
        labels: Mapping[str, str],
        request: Request,
    ) -> Answer:
        unreadable: ViolationError | None = None
        raw: dict[str, Json] = {}
        try:
            raw = read_arguments(service.model, operation, labels, request)
        except ViolationError as violation:
            unreadable = violation
        recorded = {k: v for k, v in raw.items() if k not in _NEVER_RECORDED}
        name = f"{service.prefix}{operation.name}"
        self.calls.append(Call(name, recorded))
        if self.throttle and not service.prefix:
            self.throttle.check(operation)
        fault = self._faults.strike(name)
        if fault == CONNECTION_DROPPED:
            raise ConnectionDroppedError
        if fault not in ("", ANSWER_LOST):
            raise ApiError(fault, "a fault that was asked for")
        if unreadable is not None:
            raise unreadable
        answer = self._perform(service, operation, raw)
        if fault == ANSWER_LOST:
            raise ConnectionDroppedError
        return answer

    def _perform(
        self, service: _Service, operation: Operation, raw: Mapping[str, Json]
    ) -> Answer:
        model = service.model
        behaviour = service.behaviours.get(operation.name)
        if behaviour is None:
            raise not_implemented(operation.name)
        values = (
            check_members(model, model.shape(operation.input), raw)
            if operation.input
            else {}
        )
        self._check_instance(values.get("InstanceId", self.instance_id))
        for name in values:
            if name not in behaviour.takes:
                raise not_implemented(f"the argument {name} of {operation.name}")
        try:
            with self._store.transaction():
                arguments = Arguments(operation, values)
                output = behaviour.handler(service.context, arguments)
                return write_output(model, operation, output)
        except ApiError as error:
            if error.name not in (*operation.errors, *PROTOCOL_STATUSES):
                raise SandboxDefectError(
                    f"{operation.name} does not declare {error.name}"
                ) from error
            raise

    def _check_instance(self, given: object) -> None:
        if given != self.instance_id:
            raise not_found(f"the instance {given!r}")

    def _is_write(self, operation: str) -> bool:
        behaviour = self._behaviours.get(operation)
        return behaviour is not None and behaviour.writes


def _service(
    context: Context, behaviours: Mapping[str, Behaviour], prefix: str = ""
) -> _Service:
    model = context.model
    router = Router(model.operations.values())
    return _Service(model, router, behaviours, context, prefix)


def _check_authorization(request: Request) -> None:
    """Ask for a signature, and do not verify it."""
    if not request.headers.get("authorization", "").strip():
        raise ApiError(
            "MissingAuthenticationTokenException",
            "the request has no Authorization header",
        )


def _ticking_clock() -> Callable[[], datetime]:
    seconds = count()
    return lambda: _FIRST_MOMENT + timedelta(seconds=next(seconds))
