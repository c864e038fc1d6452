"""The page on Event Processing names every finding there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "event-processing.md"
CODE = ROOT / "flowops" / "systems" / "event_processing"
_MADE = re.compile(
    r"""(?:warning|_error|_info)\(\s*address,\s*"([a-z-]+)"|"event-processing/([a-z-]+)\""""
)


def made_in_code() -> set[str]:
    texts = [path.read_text("utf-8") for path in CODE.rglob("*.py")]
    found = {name for text in texts for pair in _MADE.findall(text) for name in pair}
    lost = re.compile(r'FORMAT: "([a-z-]+)", CONNECTOR: "([a-z-]+)"')
    return (found | {n for t in texts for m in lost.findall(t) for n in m}) - {""}


def test_every_finding_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    table = page[page.index("## Before a deploy") : page.index("## Secrets")]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall("`([a-z-]+)`", row)}
    assert named == made_in_code()
