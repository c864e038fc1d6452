"""What a person changed in a deployment past us, said in our own manifest."""

from __future__ import annotations

from flowops.systems.event_processing.manifests.files import read_manifest, written


def as_it_is(text: str, applied: object, live: object) -> str:
    """Return a manifest's text with the values that are live now.

    ``text`` is the manifest as a bundle has it, ``applied`` what was sent to the
    cluster for it, ``live`` what is there. Where the last two agree, the text stays;
    what the cluster or its operator added is not ours and is left out.
    """
    sent, there = _spec(applied), _spec(live)
    if _agree(sent, there):
        return text
    manifest = read_manifest(text)
    manifest["spec"] = _merged(manifest.get("spec"), sent, there)
    return written(manifest)


def _spec(manifest: object) -> object:
    return manifest.get("spec") if isinstance(manifest, dict) else None


def _merged(made: object, applied: object, live: object) -> object:
    if _agree(applied, live):
        return made
    if isinstance(made, dict) and isinstance(applied, dict) and isinstance(live, dict):
        return {
            key: _merged(value, applied.get(key), live.get(key))
            for key, value in made.items()
            if key in live or applied.get(key) is None
        }
    return live


def _agree(applied: object, live: object) -> bool:
    """Tell whether everything that was applied is there as it was applied."""
    if isinstance(applied, dict):
        return isinstance(live, dict) and all(
            _agree(below, live.get(key)) for key, below in applied.items()
        )
    if isinstance(applied, list):
        return (
            isinstance(live, list)
            and len(applied) == len(live)
            and all(map(_agree, applied, live))
        )
    return applied == live
