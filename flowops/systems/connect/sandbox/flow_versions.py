"""Operations on the versions and aliases of flows and modules.

An alias is a name for a version; ``id:ALIAS`` means what it points to. Source: the
operations ``…Version…`` and ``…Alias…`` of the Amazon Connect API reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowops.systems.connect.sandbox.flow_contents import current, meant, sha256
from flowops.systems.connect.sandbox.instance import CONTACT_FLOW, FLOW_MODULE
from flowops.systems.connect.sandbox.pages import page
from flowops.systems.connect.sandbox.refusals import (
    ApiError,
    ViolationError,
    not_found,
)
from flowops.systems.connect.sandbox.resources import change, duplicate, modified
from flowops.systems.connect.sandbox.store import DuplicateNameError, Resource
from flowops.systems.connect.sandbox.versions import (
    DESCRIPTION,
    keep,
    number_of,
    remove_all,
    require_version,
    versions_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowops.systems.connect.sandbox.context import (
        Arguments,
        Context,
        Handler,
        Output,
    )
    from flowops.systems.connect.sandbox.values import Value

ALIAS = "alias"
_OF, _NUMBER, _NAME = "Of", "Number", "Name"


@dataclass(frozen=True, slots=True)
class Versioned:
    """What differs between flows and modules: the kind, and the names of members."""

    kind: str
    word: str
    hash: str

    @property
    def id(self) -> str:
        """Give the member that names a flow or a module."""
        return f"{self.word}Id"

    @property
    def version(self) -> str:
        """Give the member that names a version."""
        return f"{self.word}Version"

    def meant(self, context: Context, arguments: Arguments) -> Resource:
        """Give the flow or module that is meant as a whole."""
        resource, alias = meant(context, self.kind, arguments.text(self.id), self.id)
        if alias:
            raise ViolationError(self.id, "must be an id without an alias here")
        return resource


FLOW = Versioned(CONTACT_FLOW, "ContactFlow", "FlowContentSha256")
MODULE = Versioned(FLOW_MODULE, "ContactFlowModule", "FlowModuleContentSha256")


def version_creator(of: Versioned) -> Handler:
    """Make the handler that keeps what is published as a version."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource = of.meant(context, arguments)
        content, _ = current(context, resource, "")
        if arguments.text(of.hash, sha256(content)) != sha256(content):
            raise ApiError(
                "InvalidRequestException",
                f"{of.hash} is not that of what is published",
            )
        version = keep(context, resource, arguments.text("Description"))
        return {f"{of.word}Arn": version.arn, "Version": number_of(version)}

    return answer


def version_lister(of: Versioned) -> Handler:
    """Make the handler that lists the versions."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource = of.meant(context, arguments)

        def rows(position: int) -> Iterator[tuple[int, Value]]:
            for version in versions_of(context, resource):
                if version.sequence > position:
                    shown: dict[str, Value] = {
                        "Arn": version.arn,
                        "Version": number_of(version),
                    }
                    if words := version.attributes[DESCRIPTION]:
                        shown["VersionDescription"] = words
                    yield version.sequence, shown

        return page(context, arguments, f"{of.version}SummaryList", rows)

    return answer


def version_remover(of: Versioned) -> Handler:
    """Make the handler that deletes a version; one with an alias has to stay."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource = of.meant(context, arguments)
        number = arguments.number(of.version, 0)
        version = require_version(context, resource, number)
        for alias in aliases_of(context, resource):
            if alias.attributes[_NUMBER] == str(number):
                raise ApiError(
                    "InvalidRequestException",
                    f"the alias {alias.attributes[_NAME]!r} points to it",
                )
        context.store.remove(version)
        return {}

    return answer


def alias_creator(of: Versioned) -> Handler:
    """Make the handler that names a version."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource = of.meant(context, arguments)
        version = require_version(context, resource, arguments.number(of.version, 0))
        name = arguments.text("AliasName")
        count = context.store.count_creation(ALIAS, f"{resource.arn}:{name}")
        new_id = context.instance.new_id(ALIAS, f"{resource.id}/{name}", count)
        arn = f"{resource.arn}:{new_id}"
        attributes = {
            _OF: resource.arn,
            _NUMBER: str(number_of(version)),
            _NAME: name,
            DESCRIPTION: arguments.text("Description"),
        }
        key = f"{resource.arn}:{name}"
        made = Resource(ALIAS, new_id, arn, key, context.clock(), attributes)
        try:
            context.store.add(made)
        except DuplicateNameError:
            raise duplicate(ALIAS, name) from None
        return {f"{of.word}Arn": resource.arn, "Id": new_id}

    return answer


def alias_describer(of: Versioned) -> Handler:
    """Make the handler that says what an alias points to."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource, alias = _alias(context, arguments, of)
        described: dict[str, Value] = {
            of.id: resource.id,
            f"{of.word}Arn": resource.arn,
            "AliasId": alias.id,
            "Version": int(alias.attributes[_NUMBER]),
            "Name": alias.attributes[_NAME],
            **modified(context, alias),
        }
        if words := alias.attributes[DESCRIPTION]:
            described["Description"] = words
        return {f"{of.word}Alias": described}

    return answer


def alias_changer(of: Versioned) -> Handler:
    """Make the handler that points an alias elsewhere, or renames it."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource, alias = _alias(context, arguments, of)
        attributes = dict(alias.attributes)
        if of.version in arguments:
            number = arguments.number(of.version, 0)
            attributes[_NUMBER] = str(
                number_of(require_version(context, resource, number))
            )
        attributes[_NAME] = arguments.text("Name", attributes[_NAME])
        attributes[DESCRIPTION] = arguments.text("Description", attributes[DESCRIPTION])
        change(context, alias, f"{resource.arn}:{attributes[_NAME]}", attributes)
        return {}

    return answer


def alias_remover(of: Versioned) -> Handler:
    """Make the handler that takes an alias away; its version stays."""

    def answer(context: Context, arguments: Arguments) -> Output:
        _, alias = _alias(context, arguments, of)
        context.store.remove(alias)
        return {}

    return answer


def alias_lister(of: Versioned) -> Handler:
    """Make the handler that lists the aliases."""

    def answer(context: Context, arguments: Arguments) -> Output:
        resource = of.meant(context, arguments)

        def rows(position: int) -> Iterator[tuple[int, Value]]:
            for alias in aliases_of(context, resource):
                if alias.sequence > position:
                    yield alias.sequence, _shown(alias)

        return page(context, arguments, f"{of.word}AliasSummaryList", rows)

    return answer


def _shown(alias: Resource) -> Value:
    shown: dict[str, Value] = {
        "Arn": alias.arn,
        "AliasId": alias.id,
        "Version": int(alias.attributes[_NUMBER]),
        "AliasName": alias.attributes[_NAME],
        "LastModifiedTime": alias.modified,
    }
    if words := alias.attributes[DESCRIPTION]:
        shown["AliasDescription"] = words
    return shown


def aliases_of(context: Context, resource: Resource) -> Iterator[Resource]:
    """Give the aliases of a resource, the oldest first."""
    for alias in context.store.after(ALIAS, 0):
        if alias.attributes[_OF] == resource.arn:
            yield alias


def find_qualified(
    context: Context, kind: str, given: str, member: str
) -> tuple[Resource, str, Resource | None]:
    """Give the flow or module that is meant, its draft's alias, and its version.

    Raises ``ApiError`` for a version or an alias that does not exist.
    """
    base, _, qualifier = given.rpartition(":")
    if not base or not qualifier or qualifier.startswith("$") or "/" in qualifier:
        return (*meant(context, kind, given, member), None)
    resource, _ = meant(context, kind, base, member)
    if qualifier.isdecimal() and qualifier.isascii():
        return resource, "", require_version(context, resource, int(qualifier))
    for alias in aliases_of(context, resource):
        if qualifier in (alias.id, alias.attributes[_NAME]):
            number = int(alias.attributes[_NUMBER])
            return resource, "", require_version(context, resource, number)
    raise not_found(f"the version or alias {qualifier!r} of {resource.name!r}")


def shown_version(version: Resource | None) -> dict[str, Value]:
    """Give what a description says of the version it is of."""
    if version is None:
        return {}
    words = version.attributes[DESCRIPTION]
    shown: dict[str, Value] = {"Version": number_of(version)}
    return shown | ({"VersionDescription": words} if words else {})


def forget_versions(context: Context, resource: Resource) -> None:
    """Remove the versions and aliases of a resource that is about to go."""
    remove_all(context, resource)
    for alias in list(aliases_of(context, resource)):
        context.store.remove(alias)


def _alias(
    context: Context, arguments: Arguments, of: Versioned
) -> tuple[Resource, Resource]:
    resource = of.meant(context, arguments)
    wanted = arguments.text("AliasId")
    for alias in aliases_of(context, resource):
        if alias.id == wanted:
            return resource, alias
    raise not_found(f"the alias {wanted!r} of {resource.name!r}")


HANDLERS: tuple[tuple[str, Callable[[Versioned], Handler]], ...] = (
    ("Create{}Version", version_creator),
    ("Delete{}Version", version_remover),
    ("List{}Versions", version_lister),
    ("Create{}Alias", alias_creator),
    ("Delete{}Alias", alias_remover),
    ("Describe{}Alias", alias_describer),
    ("List{}Aliases", alias_lister),
    ("Update{}Alias", alias_changer),
)
