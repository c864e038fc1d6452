"""Find what a legacy flow refers to.

The name of a resource stands beside its ARN as ``resourceName``, and again in the
block's metadata. An export whose author could not see a resource has its name and
an empty ARN. Source: exports of both generations of the old console.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.model import Reference, ReferenceForm
from flowops.systems.connect.arns import LAMBDA_FUNCTION, LEX_BOT_ALIAS, QUEUE, USER
from flowops.systems.connect.reference_table import (
    LEX_BOT,
    LEX_V1_ALIAS,
    OUTSIDE_NUMBER,
    REGION,
    ReferencePath,
)
from flowops.systems.connect.references import (
    NOWHERE,
    FoundReferences,
    Leftover,
    Unpaired,
    free_references,
    locate_references,
    refer,
)
from flowops.systems.connect.twins import BlockMetadata
from flowops.systems.connect.value_forms import is_bare_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flowops.model import Location, Pointer
    from flowops.systems.connect.legacy.language import LegacyFlow, Module, Parameter

_QUEUE_NAMES = (("queue", "text"),)
_QUEUE_IDS = (("queue", "id"),)
_ROWS: tuple[ReferencePath, ...] = (
    ReferencePath(("Queue",), QUEUE, _QUEUE_NAMES, _QUEUE_IDS),
    ReferencePath(("Agent",), USER, _QUEUE_NAMES, _QUEUE_IDS),
    ReferencePath(
        ("ContactFlowId",),
        "contact-flow",
        (("ContactFlow", "text"), ("contactFlow", "text")),
        (("ContactFlow", "id"), ("contactFlow", "id")),
    ),
    ReferencePath(("AudioPrompt",), "prompt", (("promptName",),)),
    ReferencePath(("FunctionArn",), LAMBDA_FUNCTION),
    ReferencePath(
        ("Hours",), "hours-of-operation", (("Hours", "text"),), (("Hours", "id"),)
    ),
    ReferencePath(
        ("BotAliasArn",), LEX_BOT_ALIAS, (("lexV2BotName",), ("lexV2BotAliasName",))
    ),
    ReferencePath(("BotName",), LEX_BOT, literal=True),
    ReferencePath(("BotAlias",), LEX_V1_ALIAS, literal=True),
    ReferencePath(("BotRegion",), REGION, literal=True),
    ReferencePath(("PhoneNumber",), OUTSIDE_NUMBER, literal=True),
    ReferencePath(("EncryptionKeyId",), "security-key"),
)
PARAMETERS: Mapping[str, ReferencePath] = {str(row.path[0]): row for row in _ROWS}
"""The parameters that name a resource, whichever type of block they belong to."""


def find_legacy_references(
    flow: LegacyFlow,
    locate: Callable[[Iterable[Pointer]], Mapping[Pointer, Location]],
) -> FoundReferences:
    """Return all references of a legacy flow, and the ids that belong to none."""
    references: list[Reference] = []
    leftovers: list[Leftover] = []
    for module in flow.modules:
        root: Pointer = ("modules", module.index, "metadata")
        metadata = BlockMetadata(root, module.metadata)
        for parameter in module.parameters:
            references += _of_parameter(module, parameter, metadata)
            leftovers += _bare_ids(module, parameter)
        leftovers += [
            Leftover(pointer, module.id, arn, Unpaired.METADATA)
            for pointer, arn in metadata.unclaimed()
        ]
    identifiers = frozenset(module.id for module in flow.modules)
    return locate_references(references, leftovers, identifiers, locate)


def _of_parameter(
    module: Module, parameter: Parameter, metadata: BlockMetadata
) -> Iterator[Reference]:
    here: Pointer = ("modules", module.index, "parameters", parameter.index)
    place: Pointer = (*here, "value") if "value" in parameter.fields else here
    row = PARAMETERS.get(parameter.name)
    if row is None:
        if isinstance(parameter.value, str) and not parameter.namespace:
            yield from free_references(module.id, place, parameter.value)
        return
    if parameter.namespace:
        yield _dynamic(module, parameter, place, row)
        return
    reference = refer(module.id, place, parameter.text, row)
    if reference is None:
        return
    told = parameter.resource_name
    names = {(*here, "resourceName"): told} if told else {}
    yield metadata.attach(reference, row.path, row, names)


def _dynamic(
    module: Module, parameter: Parameter, place: Pointer, row: ReferencePath
) -> Reference:
    """Return a reference that a contact fills in: its value is a bare key."""
    return Reference(
        kind=row.kind,
        path=place,
        value=parameter.text,
        form=ReferenceForm.DYNAMIC,
        block=module.id,
        location=NOWHERE,
    )


def _bare_ids(module: Module, parameter: Parameter) -> Iterator[Leftover]:
    value = parameter.value
    if parameter.name in PARAMETERS or parameter.namespace:
        return
    if isinstance(value, str) and is_bare_id(value):
        place: Pointer = ("modules", module.index, "parameters", parameter.index)
        yield Leftover((*place, "value"), module.id, value, Unpaired.BARE_ID)
