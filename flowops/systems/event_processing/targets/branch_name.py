"""What an environment may call the branch that a directory is written to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowops.errors import InputError
from flowops.secrets import Secret

if TYPE_CHECKING:
    from flowops.systems.protocol import TargetSettings

_MOST_BYTES = 200  # Git keeps a branch as a file of that name, and one to lock it
_SHOWN = 80
_BRANCH = re.compile(
    r"(?!HEAD$|-)(?!.*(?:\.\.|@\{|//|\.lock(?:/|$)|/\.|\./|\.$|/$))[\w][\w@+=%,./#-]*"
)


def check_branch(settings: TargetSettings) -> None:
    """Refuse what Git takes for no name of a branch.

    The rules are those of `git check-ref-format`. Raises ``InputError``.
    """
    name = settings.values.get("branch", "main")
    is_long = len(str(name).encode()) > _MOST_BYTES
    if isinstance(name, Secret) or is_long or not _BRANCH.fullmatch(name):
        raise InputError(
            f"a directory target has no usable `branch`: {str(name)[:_SHOWN]}",
            hint="name a branch, such as deploy or deploy/production",
            location=settings.location,
        )
