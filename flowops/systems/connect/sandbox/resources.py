"""Operations on the instance and on its queues, prompts, hours and integrations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.instance import (
    AGENT,
    HOURS,
    KIND_WORDS,
    LAMBDA,
    PHONE_NUMBER,
    PROMPT,
    QUEUE,
    QUICK_CONNECT,
    SECURITY_KEY,
    TASK_TEMPLATE,
)
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.refusals import (
    ApiError,
    ViolationError,
    not_found,
)
from flowops.systems.connect.sandbox.store import DuplicateNameError, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.systems.connect.sandbox.context import (
        Arguments,
        Context,
        Handler,
        Output,
    )
    from flowops.systems.connect.sandbox.values import Value


def create(
    context: Context,
    kind: str,
    name: str,
    attributes: Mapping[str, str] | None = None,
    *,
    resource_id: str = "",
) -> Resource:
    """Make a resource; raises ``ApiError`` when its name is taken."""
    count = context.store.count_creation(kind, name)
    found = resource_id or context.instance.new_id(kind, name, count)
    resource = Resource(
        kind=kind,
        id=found,
        arn=context.instance.arn_of(kind, found),
        name=name,
        modified=context.clock(),
        attributes=attributes or {},
    )
    try:
        context.store.add(resource)
    except DuplicateNameError:
        raise duplicate(kind, name) from None
    return resource


def change(
    context: Context, resource: Resource, name: str, attributes: Mapping[str, str]
) -> None:
    """Write a new name and attributes; raises ``ApiError`` when the name is taken."""
    try:
        context.store.change(
            replace(
                resource, name=name, attributes=attributes, modified=context.clock()
            )
        )
    except DuplicateNameError:
        raise duplicate(resource.kind, name) from None


def require(context: Context, kind: str, resource_id: str) -> Resource:
    """Give a resource; raises ``ApiError`` when the instance has none like it."""
    found = context.store.find(kind, resource_id)
    if found is None:
        raise not_found(f"the {KIND_WORDS[kind]} {resource_id!r}")
    return found


def duplicate(kind: str, name: str) -> ApiError:
    """Say that a name is taken."""
    return ApiError(
        "DuplicateResourceException", f"a {KIND_WORDS[kind]} named {name!r} exists"
    )


def set_tags(context: Context, arn: str, tags: Mapping[str, str]) -> None:
    """Write tags onto a resource."""
    for key, value in tags.items():
        context.store.set_tag(arn, key, value)


def with_tags(context: Context, arn: str, output: Mapping[str, Value]) -> Output:
    """Add the tags of a resource to its description, if it has any."""
    tags = context.store.tags(arn)
    return {**output, "Tags": tags} if tags else output


def modified(context: Context, resource: Resource) -> dict[str, Value]:
    """Give when and where a resource was written last."""
    return {
        "LastModifiedTime": resource.modified,
        "LastModifiedRegion": context.instance.region,
    }


def lister(
    key: str, kind: str, show: Callable[[Context, Resource], Value | None]
) -> Handler:
    """Make the handler that lists a kind; what ``show`` leaves out is not listed."""

    def answer(context: Context, arguments: Arguments) -> Output:
        def rows(position: int) -> Iterator[tuple[int, Value]]:
            for resource in context.store.after(kind, position):
                shown = show(context, resource)
                if shown is not None:
                    yield resource.sequence, shown

        return page(context, arguments, key, rows)

    return answer


def remover(kind: str, member: str) -> Handler:
    """Make the handler that deletes the resource a member names."""

    def answer(context: Context, arguments: Arguments) -> Output:
        context.store.remove(require(context, kind, arguments.text(member)))
        return {}

    return answer


def summary(context: Context, resource: Resource) -> dict[str, Value]:
    """Give what most lists say of a resource: id, ARN, name, and when it changed."""
    return {
        "Id": resource.id,
        "Arn": resource.arn,
        "Name": resource.name,
        **modified(context, resource),
    }


def _instance(context: Context) -> dict[str, Value]:
    instance = context.instance
    return {
        "Id": instance.id,
        "Arn": instance.arn,
        "IdentityManagementType": "CONNECT_MANAGED",
        "InstanceAlias": instance.alias,
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
        "InstanceAccessUrl": f"https://{instance.alias}.my.connect.aws",
    }


def describe_instance(context: Context, arguments: Arguments) -> Output:
    """Describe the one instance."""
    del arguments
    return {"Instance": _instance(context)}


def list_instances(context: Context, arguments: Arguments) -> Output:
    """List the one instance."""

    def rows(position: int) -> Iterable[tuple[int, Value]]:
        return () if position else ((1, _instance(context)),)

    return page(context, arguments, "InstanceSummaryList", rows)


def list_queues(context: Context, arguments: Arguments) -> Output:
    """List standard queues, and an agent queue without a name for every user.

    Source: ListQueues gives both types when ``QueueTypes`` is absent.
    """
    wanted = arguments.texts("QueueTypes") or ("STANDARD", "AGENT")
    shown = [
        kind
        for kind, queue_type in ((QUEUE, "STANDARD"), (AGENT, "AGENT"))
        if queue_type in wanted
    ]

    def rows(position: int) -> Iterator[tuple[int, Value]]:
        found = [item for kind in shown for item in context.store.after(kind, position)]
        for resource in sorted(found, key=lambda item: item.sequence):
            yield resource.sequence, _queue_summary(context, resource)

    return page(context, arguments, "QueueSummaryList", rows)


def _queue_summary(context: Context, resource: Resource) -> dict[str, Value]:
    if resource.kind == QUEUE:
        return {**summary(context, resource), "QueueType": "STANDARD"}
    return {
        "Id": resource.id,
        "Arn": context.instance.arn_of(QUEUE, f"{AGENT}/{resource.id}"),
        "QueueType": "AGENT",
        **modified(context, resource),
    }


def describe_queue(context: Context, arguments: Arguments) -> Output:
    """Describe a queue."""
    queue = require(context, QUEUE, arguments.text("QueueId"))
    described: dict[str, Value] = {
        "Name": queue.name,
        "QueueArn": queue.arn,
        "QueueId": queue.id,
        "Status": "ENABLED",
        **queue.attributes,
        **modified(context, queue),
    }
    return {"Queue": with_tags(context, queue.arn, described)}


def create_queue(context: Context, arguments: Arguments) -> Output:
    """Create a queue; its hours of operation have to exist."""
    hours = require(context, HOURS, arguments.text("HoursOfOperationId"))
    attributes = {"HoursOfOperationId": hours.id}
    if "Description" in arguments:
        attributes["Description"] = arguments.text("Description")
    queue = create(context, QUEUE, arguments.text("Name"), attributes)
    set_tags(context, queue.arn, arguments.mapping("Tags"))
    return {"QueueArn": queue.arn, "QueueId": queue.id}


def update_queue_name(context: Context, arguments: Arguments) -> Output:
    """Rename a queue, describe it anew, or both."""
    queue = require(context, QUEUE, arguments.text("QueueId"))
    attributes = dict(queue.attributes)
    if "Description" in arguments:
        attributes["Description"] = arguments.text("Description")
    change(context, queue, arguments.text("Name", queue.name), attributes)
    return {}


def describe_prompt(context: Context, arguments: Arguments) -> Output:
    """Describe a prompt."""
    prompt = require(context, PROMPT, arguments.text("PromptId"))
    described: dict[str, Value] = {
        "PromptARN": prompt.arn,
        "PromptId": prompt.id,
        "Name": prompt.name,
        **modified(context, prompt),
    }
    return {"Prompt": with_tags(context, prompt.arn, described)}


def describe_hours(context: Context, arguments: Arguments) -> Output:
    """Describe hours of operation, which are open around the clock."""
    hours = require(context, HOURS, arguments.text("HoursOfOperationId"))
    described: dict[str, Value] = {
        "HoursOfOperationId": hours.id,
        "HoursOfOperationArn": hours.arn,
        "Name": hours.name,
        "TimeZone": "UTC",
        "Config": [],
        **modified(context, hours),
    }
    return {"HoursOfOperation": with_tags(context, hours.arn, described)}


def associate_lambda(context: Context, arguments: Arguments) -> Output:
    """Let the instance use a Lambda function."""
    arn = arguments.text("FunctionArn")
    if not arn.startswith(f"arn:{context.instance.partition}:lambda:"):
        raise ViolationError("FunctionArn", "must be the ARN of a Lambda function")
    if context.store.find(LAMBDA, arn):
        raise ApiError("ResourceConflictException", f"{arn} is associated already")
    create(context, LAMBDA, arn, resource_id=arn)
    return {}


list_hours = lister("HoursOfOperationSummaryList", HOURS, summary)
list_lambda_functions = lister("LambdaFunctions", LAMBDA, lambda _, item: item.arn)
list_security_keys = lister(
    "SecurityKeys",
    SECURITY_KEY,
    lambda _, key: {"AssociationId": key.id, "CreationTime": key.modified},
)
list_prompts = lister("PromptSummaryList", PROMPT, summary)
list_quick_connects = lister(
    "QuickConnectSummaryList",
    QUICK_CONNECT,
    lambda context, item: {**summary(context, item), "QuickConnectType": "QUEUE"},
)
list_users = lister(
    "UserSummaryList",
    AGENT,
    lambda context, user: {
        "Id": user.id,
        "Arn": user.arn,
        "Username": user.name,
        **modified(context, user),
    },
)
list_task_templates = lister(
    "TaskTemplates",
    TASK_TEMPLATE,
    lambda _, template: {
        "Id": template.id,
        "Arn": template.arn,
        "Name": template.name,
        "Status": "ACTIVE",
        "LastModifiedTime": template.modified,
    },
)
list_phone_numbers = lister(
    "ListPhoneNumbersSummaryList",
    PHONE_NUMBER,
    lambda context, number: {
        "PhoneNumberId": number.id,
        "PhoneNumberArn": number.arn,
        "PhoneNumber": number.name,
        "PhoneNumberType": "DID",
        "TargetArn": context.instance.arn,
        "InstanceId": context.instance.id,
    },
)
