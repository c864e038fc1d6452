"""What flows, modules and views have in common on an instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowops.model import Address, Resource
    from flowops.secrets import Text
    from flowops.systems.connect.api import ConnectApi
    from flowops.systems.protocol import Bundle

VERSION_TAG = "flowops:version"
DRAFT = ":$SAVED"


@dataclass(frozen=True, slots=True)
class Described:
    """One flow, module or view as the instance describes it.

    ``hash`` is the service's own of the content, where it gives one.
    """

    content: str
    attributes: Mapping[str, str]
    tags: Mapping[str, str]
    hash: str = ""

    @property
    def version(self) -> str:
        """Return the version that a promote made of this very content, if it did."""
        number, _, of = self.tags.get(VERSION_TAG, "").partition(" ")
        return number if of and of == self.hash else ""


class Family(Protocol):
    """The operations for one kind; every method raises ``TargetError``.

    ``operations`` is what their names in boto3 have in common. ``drafts`` says
    whether something can be created as a draft, ``archives`` whether it has a state.
    """

    @property
    def kind(self) -> str:
        """Return the kind, as in an address."""
        ...

    @property
    def operations(self) -> str:
        """Return the word for the kind in the names of operations."""
        ...

    @property
    def drafts(self) -> bool:
        """Tell whether something new can be a draft."""
        ...

    @property
    def archives(self) -> bool:
        """Tell whether something can be archived, and has to be before it goes."""
        ...

    def seal(self, address: Address, content: str) -> Text:
        """Return a content with what looks like a secret hidden."""
        ...

    def describe(self, api: ConnectApi, identifier: str, *, draft: bool) -> Described:
        """Describe what is live, or the draft; the draft too where nothing is live."""
        ...

    def search(
        self, api: ConnectApi, tag: tuple[str, str] | None = None
    ) -> Iterator[Mapping[str, object]]:
        """Give everything of the kind, or what bears a tag."""
        ...

    def create(
        self, api: ConnectApi, bundle: Bundle, content: str, tags: Mapping[str, str]
    ) -> Resource:
        """Create a draft; an empty content puts a stub in its place."""
        ...

    def write(
        self, api: ConnectApi, identifier: str, content: str, *, draft: bool
    ) -> None:
        """Write the draft, or make a content live."""
        ...

    def set_description(
        self, api: ConnectApi, identifier: str, description: str
    ) -> None:
        """Set the description that people see beside the name."""
        ...

    def set_state(self, api: ConnectApi, identifier: str, state: str) -> None:
        """Make it ``active``, or ``archived``."""
        ...

    def snapshot(
        self, api: ConnectApi, identifier: str, words: str, content_hash: str
    ) -> str:
        """Keep what is live as a version, and return its number.

        The service refuses when ``content_hash`` is given and is not that of what
        is live.
        """
        ...

    def delete(self, api: ConnectApi, identifier: str) -> None:
        """Delete it for good."""
        ...


def texts_of_tags(value: object) -> Mapping[str, str]:
    """Return the tags in an answer; none where it has none."""
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
