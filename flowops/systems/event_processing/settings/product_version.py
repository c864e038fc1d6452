"""The version of the product an environment runs, where it says one.

``version: "1.1.4"`` of a target. Two numbers mean the last release of them: ``1.5`` is
any 1.5 there is. Without it nothing is said of versions, and SQL has the newest form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flowops.errors import InputError
from flowops.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.model import Location
    from flowops.secrets import Text

KEY = "version"
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?")
_LAST = 999


class Version(NamedTuple):
    """A release of the product."""

    major: int
    minor: int
    patch: int = _LAST

    def __str__(self) -> str:
        """Return it as it is written."""
        last = "" if self.patch == _LAST else f".{self.patch}"
        return f"{self.major}.{self.minor}{last}"


FIRST = Version(1, 0, 0)
NEWEST = Version(1, 5)  # of which there is documentation; a 1.10 is most often a 1.1.0
TIMESTAMP_FUNCTIONS_SINCE = Version(1, 1, 8)


def version_of(target: Mapping[str, Text]) -> Version | None:
    """Return the version a target says, or nothing where it says none."""
    found = _VERSION.fullmatch(str(target.get(KEY, "")))
    return Version(*(int(n) for n in found.groups() if n)) if found else None


def check_version(target: Mapping[str, Text], place: Location) -> None:
    """Raise ``InputError`` for a version that cannot be one."""
    wanted = target.get(KEY)
    if wanted is None:
        return
    found = version_of(target)
    if isinstance(wanted, Secret) or found is None or found < FIRST:
        raise InputError(
            f"there is no Event Processing {str(wanted)!r}",
            hint='write it as the product does, such as "1.5.3" or "1.5"',
            location=place,
        )
    if found > NEWEST:
        raise InputError(
            f"Event Processing {found} is newer than {NEWEST}, the last that is known",
            hint=f'write "{NEWEST}" if it is: flows are made as for that one',
            location=place,
        )


def is_first_form(version: Version | None) -> bool:
    """Tell whether SQL has the form of 1.1.4.

    Read functions for timestamps, and ``read_committed``, came with 1.1.8; the exports
    on either side of it are those of 1.1.4 and of 1.5.3.
    """
    return version is not None and version < TIMESTAMP_FUNCTIONS_SINCE
