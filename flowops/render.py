"""The verb ``render``: write the files an environment needs, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.documents.archive import zip_bytes
from flowops.documents.files import PRIVATE, PUBLIC, safe_name, write_whole
from flowops.secrets import Secret, open_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from flowops.plan.making import Plan
    from flowops.secrets import Text
    from flowops.systems.protocol import Bundle


def render_plan(plan: Plan, out: Path, *, with_secrets: bool) -> Iterator[Path]:
    """Write the bundle of every flow below ``out``; give each file's path.

    Files that hold opened secrets can be read by their owner only. Raises
    ``TargetError`` when a file cannot be written.
    """
    for change in plan.changes:
        if change.bundle is None:
            continue
        folder = _folder(change.bundle, out)
        for name, (data, private) in sorted(
            bundle_bytes(change.bundle, with_secrets=with_secrets).items()
        ):
            write_whole(folder / name, data, PRIVATE if private else PUBLIC)
            yield folder / name


def rendered_paths(plan: Plan, out: Path) -> Iterator[Path]:
    """Give each file that ``render_plan`` would write, in its order."""
    for change in plan.changes:
        if bundle := change.bundle:
            names = [*bundle.files, *(archive.name for archive in bundle.archives)]
            folder = _folder(bundle, out)
            yield from (folder / name for name in sorted(names))


def _folder(bundle: Bundle, out: Path) -> Path:
    address = bundle.address
    return out / address.system / address.kind / safe_name(address.name)


def bundle_bytes(
    bundle: Bundle, *, with_secrets: bool
) -> dict[str, tuple[bytes, bool]]:
    """Return the bytes of each file, and whether secrets stand open in it."""
    files = {
        name: (_text(text, with_secrets=with_secrets).encode(), with_secrets)
        if isinstance(text, Secret)
        else (text.encode(), False)
        for name, text in bundle.files.items()
    }
    for archive in bundle.archives:
        members = {member: files[name][0] for member, name in archive.members.items()}
        private = _holds_secret(archive.members, bundle.files) and with_secrets
        files[archive.name] = (zip_bytes(members), private)
    return files


def _text(text: Text, *, with_secrets: bool) -> str:
    return open_text(text) if with_secrets else str(text)


def _holds_secret(members: Mapping[str, str], files: Mapping[str, Text]) -> bool:
    return any(isinstance(files[name], Secret) for name in members.values())
