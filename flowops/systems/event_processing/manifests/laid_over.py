"""Lay what a person wrote over what was made."""

from __future__ import annotations

from collections.abc import Mapping


def laid_over(made: object, written: object) -> object:
    """Merge two values: mappings by key, lists of named things by name.

    What was written wins, and a null takes away. Any other list is replaced.
    """
    if isinstance(made, Mapping) and isinstance(written, Mapping):
        merged = {k: v for k, v in made.items() if written.get(k, v) is not None}
        for key, value in written.items():
            if value is not None:
                empty: object = {} if isinstance(value, Mapping) else None
                merged[key] = laid_over(made.get(key, empty), value)
        return merged
    if _are_named(made) and _are_named(written):
        return _by_name(made, written)
    return written


def _are_named(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and "name" in item for item in value
    )


def _by_name(made: object, written: object) -> list[object]:
    first = made if isinstance(made, list) else []
    second = written if isinstance(written, list) else []
    # Two mounts of one volume share its name: where they go is what tells them apart.
    keys = [_identity(item) for item in first]
    merged = list(first)
    for item in second:
        if _identity(item) in keys:
            place = keys.index(_identity(item))
            merged[place] = laid_over(first[place], item)
        else:
            merged.append(item)
    return merged


def _identity(item: Mapping[str, object]) -> tuple[object, object]:
    return item["name"], item.get("mountPath")
