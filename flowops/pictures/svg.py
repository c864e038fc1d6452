"""Write a picture as SVG, for a page or as a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from flowops.pictures.boxes import HEAD, WIDTH
from flowops.pictures.marks import SIGNS, Mark
from flowops.pictures.words import clean, fit, subtitle, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowops.pictures.boxes import Box, Row
    from flowops.pictures.picture import Picture, PlacedBox, PlacedEdge
    from flowops.pictures.routes import Route

_ROUND = 7.0
# Columns that fit into a box, by the size and the weight of the letters.
_TITLE = 27
_SMALL = 38
_BOLD = 34

COLOURS = """\
.picture{--paper:#fff;--box:#f6f8fa;--line:#6e7781;--ink:#1f2328;--soft:#57606a;
--added:#116329;--added-fill:#dafbe1;--removed:#a40e26;--removed-fill:#ffebe9;
--changed:#7d4e00;--changed-fill:#fff8c5;--edge:#6e7781;--focus:#0550ae}
"""
DARK = """\
.picture{--paper:#0d1117;--box:#1c2128;--line:#848d97;--ink:#e6edf3;--soft:#9da7b3;
--added:#56d364;--added-fill:#0f2a17;--removed:#ff938a;--removed-fill:#3a1315;
--changed:#e3b341;--changed-fill:#332701;--edge:#848d97;--focus:#79c0ff}
"""
SHAPES = """\
.picture{background:var(--paper);font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",\
sans-serif}
.picture text{fill:var(--ink);font-size:12px}
.picture .name{font-weight:600}
.picture .small{fill:var(--soft);font-size:10.5px}
.picture .box{fill:var(--box);stroke:var(--line)}
.picture .box,.picture .edge{vector-effect:non-scaling-stroke}
.picture .rule{stroke:var(--line);stroke-opacity:.4}
.picture .edge{fill:none;stroke:var(--edge);stroke-width:1.4}
.picture .tip{fill:var(--edge)}
.picture .error .edge{stroke-dasharray:5 3}
.picture .start{fill:var(--soft)}
.picture .added .box{fill:var(--added-fill);stroke:var(--added);stroke-width:2.5}
.picture .removed .box{fill:var(--removed-fill);stroke:var(--removed);stroke-width:2.5;\
stroke-dasharray:7 4}
.picture .changed .box{fill:var(--changed-fill);stroke:var(--changed);stroke-width:2.5}
.picture .added>.edge{stroke:var(--added);stroke-width:2.4}
.picture .added>.tip,.picture .badge.added,.picture .row.added{fill:var(--added)}
.picture .removed>.edge{stroke:var(--removed);stroke-width:2.4;stroke-dasharray:3 4}
.picture .removed>.tip,.picture .badge.removed,\
.picture .row.removed{fill:var(--removed)}
.picture .badge.changed{fill:var(--changed)}
.picture .row.added,.picture .row.removed{font-weight:600}
"""


def picture_svg(picture: Picture, name: str, *, alone: bool = True) -> str:
    """Write a picture; ``name`` is what a screen reader calls it.

    Alone it carries its colours; in a page, the page's style sheet has them.
    """
    return "".join(f"{line}\n" for line in _lines(picture, name, alone=alone))


def _lines(picture: Picture, name: str, *, alone: bool) -> Iterator[str]:
    space = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    size = f"{picture.width} {picture.height}"
    yield (
        f'<svg{space} class="picture" viewBox="0 0 {size}" width="{picture.width}" '
        f'height="{picture.height}" role="group" aria-label={quoteattr(clean(name))}>'
    )
    if alone:
        dark = f"@media (prefers-color-scheme:dark){{\n{DARK}}}\n"
        yield f"<style>\n{COLOURS}{dark}{SHAPES}</style>"
    names = {placed.box.block.id: title(placed.box.block) for placed in picture.boxes}
    yield '<g class="edges" aria-hidden="true">'
    for edge in picture.edges:
        yield _edge(edge)
    yield "</g>"
    for placed in picture.boxes:
        yield from _box(placed, names, alone=alone)
    yield "</svg>"


def _edge(edge: PlacedEdge) -> str:
    classes = " ".join(_edge_classes(edge.row))
    ends = f"data-from={_id(edge.source)} data-to={_id(edge.row.target)}"
    x, y = edge.route[-1]
    tip = f"M{_n(x)} {_n(y)}l-8 -4v8z"
    return (
        f'<g class="{classes}" {ends}><path class="edge" d="{_path(edge.route)}"/>'
        f'<path class="tip" d="{tip}"/></g>'
    )


def _edge_classes(row: Row) -> Iterator[str]:
    yield "link"
    if row.mark is not Mark.SAME:
        yield row.mark.value
    if row.is_error:
        yield "error"


def _box(placed: PlacedBox, names: dict[str, str], *, alone: bool) -> Iterator[str]:
    box, mark = placed.box, placed.box.mark
    classes = "block" if mark is Mark.SAME else f"block {mark}"
    spoken = _spoken(box, names)
    place = f'transform="translate({_n(placed.x)} {_n(placed.y)})"'
    named = f"data-block={_id(box.block.id)} "
    button = "" if alone else f'{named}role="button" tabindex="-1" '
    yield f'<g class="{classes}" {button}{place}><title>{_t(spoken)}</title>'
    yield f'<rect class="box" width="{WIDTH}" height="{box.height}" rx="6"/>'
    yield from _tags(box)
    # A part of its own cuts off what a font makes wider than it should be.
    yield f'<svg x="4" width="{WIDTH - 8}" height="{box.height}">'
    yield f'<text class="name" x="6" y="19">{_fit(title(box.block), _TITLE)}</text>'
    if words := _fit(subtitle(box.block), _SMALL):
        yield f'<text class="small" x="6" y="35">{words}</text>'
    yield from (_row(row) for row in box.rows if row.is_shown)
    yield "</svg>"
    if any(row.is_shown for row in box.rows):
        yield f'<path class="rule" d="M0 {HEAD}h{WIDTH}"/>'
    yield "</g>"


def _tags(box: Box) -> Iterator[str]:
    """Write the words above a box: where the flow starts, and the mark."""
    if box.starts:
        yield '<path class="start" d="M1 -13l7 4.5l-7 4.5z"/>'
        yield '<text class="small" x="12" y="-5">Start</text>'
    if (mark := box.mark) is not Mark.SAME:
        yield (
            f'<text class="small badge {mark}" x="{WIDTH}" y="-5" text-anchor="end">'
            f"{SIGNS[mark]} {mark}</text>"
        )


def _row(row: Row) -> str:
    is_same = row.mark is Mark.SAME
    classes = "small row" if is_same else f"small row {row.mark}"
    return (
        f'<text class="{classes}" x="{WIDTH - 14}" y="{row.y + 4}" text-anchor="end">'
        f"{_fit(row.words, _SMALL if is_same else _BOLD)}</text>"
    )


def _spoken(box: Box, names: dict[str, str]) -> str:
    """Say a block as it is read out: its name, its mark, and where it leads."""
    words = [clean(title(box.block), 80)]
    if box.block.type and box.block.type != title(box.block):
        words.append(clean(box.block.type, 80))
    if box.starts:
        words.append("start of the flow")
    if box.mark is not Mark.SAME:
        words.append(box.mark.value)
    for row in box.rows:
        goal = clean(names.get(row.target, "nowhere"), 60)
        mark = "" if row.mark is Mark.SAME else f" ({row.mark})"
        words.append(f"{clean(row.words)} leads to {goal}{mark}")
    return ", ".join(words)


def _path(route: Route) -> str:
    """Write corners as a path; each turn is rounded."""
    pieces = [f"M{_n(route[0][0])} {_n(route[0][1])}"]
    for before, corner, after in zip(route, route[1:], route[2:], strict=False):
        one, two = _towards(corner, before), _towards(corner, after)
        bend = " ".join(_n(value) for value in (*corner, *two))
        pieces.append(f"L{_n(one[0])} {_n(one[1])}Q{bend}")
    pieces.append(f"L{_n(route[-1][0])} {_n(route[-1][1])}")
    return "".join(pieces)


def _towards(
    corner: tuple[float, float], other: tuple[float, float]
) -> tuple[float, float]:
    x, y = other[0] - corner[0], other[1] - corner[1]
    length = abs(x) + abs(y)
    part = min(_ROUND, length / 2) / length if length else 0.0
    return corner[0] + x * part, corner[1] + y * part


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _t(text: str) -> str:
    return escape(text)


def _fit(text: str, columns: int) -> str:
    return escape(fit(text, columns))


def _id(text: str) -> str:
    """Write an id as an attribute; what XML cannot hold is escaped."""
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
    return quoteattr(shown)
