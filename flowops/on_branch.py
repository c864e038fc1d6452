"""A target of files that are written to a Git branch instead of the working folder.

Each flow that goes live is a commit, and so is one that is put back or removed.
Nothing is pushed: that is for the one who may.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowops.systems.protocol import Mark, TargetIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from flowops.git.branch import Branch
    from flowops.model import Address, Inventory, Resource
    from flowops.systems.protocol import (
        Bundle,
        FlowState,
        Target,
        TargetSettings,
        Written,
    )

BRANCH = "branch"
_NOBODY = Mark("", "", "")


def open_on_branch(
    settings: TargetSettings, open_target: Callable[[TargetSettings], Target]
) -> OnBranch:
    """Return a target whose files are those of a branch; nothing is read yet.

    ``open_target`` opens what writes the files, and raises ``InputError`` for a
    setting that cannot be used.
    """
    from flowops.git.branch import Branch

    folder = settings.root / ".flowops" / "branches" / settings.environment
    target = open_target(replace(settings, written=folder))
    name, path = str(settings.values[BRANCH]), str(settings.values.get("path", ""))
    return OnBranch(target, Branch(settings.root, name, path, folder))


@dataclass(slots=True)
class OnBranch:
    """Another target, laid out from a branch before it is looked at."""

    target: Target
    branch: Branch
    _is_laid_out: bool = False
    _mark: Mark = field(default=_NOBODY)

    @property
    def identity(self) -> TargetIdentity:
        """Return branch and path, as Git writes a place in a commit."""
        own = self.target.identity
        return replace(own, id=f"{self.branch.name}:{own.id}")

    @property
    def opens_secrets(self) -> bool:
        """Say what the target of the files says."""
        return self.target.opens_secrets

    @property
    def keeps_state(self) -> bool:
        """Say what the target of the files says."""
        return self.target.keeps_state

    @property
    def starts_anew(self) -> bool:
        """Say what the target of the files says."""
        return self.target.starts_anew

    def verify(self) -> None:
        """Lay the branch out, and look whether the target can use it.

        Raises ``RefusedError`` for a branch that is checked out, or that has parted
        from the remote's.
        """
        self._laid_out().verify()

    def inventory(self, kinds: Collection[str]) -> Inventory:
        """Return what the target of the files knows."""
        return self.target.inventory(kinds)

    def read(self, wanted: Mapping[Address, str]) -> Mapping[Address, FlowState]:
        """Return these flows as the branch has them."""
        return self._laid_out().read(wanted)

    def drafts(self, addresses: Collection[Address]) -> Mapping[Address, FlowState]:
        """Return the drafts of the target of the files."""
        return self._laid_out().drafts(addresses)

    def managed(self, project: str) -> Mapping[Address, bool]:
        """Return the flows on the branch that bear the mark of a project."""
        return self._laid_out().managed(project)

    def referrers(self, address: Address) -> Collection[str]:
        """Return who refers to a flow."""
        return self._laid_out().referrers(address)

    def estimate(
        self, creates: Collection[Address], updates: Collection[Address]
    ) -> float:
        """Return how long the target of the files takes, in seconds."""
        return self.target.estimate(creates, updates)

    def reserve(self, bundles: Iterable[Bundle], mark: Mark) -> tuple[Resource, ...]:
        """Make what the target of the files needs made first."""
        self._mark = mark
        return self._laid_out().reserve(bundles, mark)

    def stage(self, bundle: Bundle) -> None:
        """Write a flow beside the branch's files; it is in no commit yet."""
        self._laid_out().stage(bundle)

    def publish(self, bundle: Bundle, mark: Mark) -> Written | None:
        """Put a flow into place, and commit it.

        Raises ``TargetError`` when the branch has moved meanwhile.
        """
        written = self._laid_out().publish(bundle, mark)
        self._commit(f"Promote {bundle.address.name}", mark)
        return written

    def remove(self, address: Address) -> None:
        """Take a flow out, and commit that."""
        self._laid_out().remove(address)
        self._commit(f"Remove {address.name}", self._mark)

    def restore(self, address: Address, before: FlowState | None, run: str) -> bool:
        """Put a flow back, and commit that; what came before stays in the history."""
        done = self._laid_out().restore(address, before, run)
        self._commit(f"Put {address.name} back", replace(self._mark, run=run))
        return done

    def _laid_out(self) -> Target:
        if not self._is_laid_out:
            self.branch.lay_out()
            self._is_laid_out = True
        return self.target

    def _commit(self, words: str, mark: Mark) -> None:
        trailers = {"Flow-Run": mark.run, "Flow-Digest": mark.digest}
        known = [f"{name}: {text}" for name, text in trailers.items() if text]
        self.branch.commit("\n".join([words, "", *known]) + "\n")
