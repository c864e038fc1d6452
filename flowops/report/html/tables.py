"""What differs in a flow as markup: the part of a page that grows with the plan.

These are written here and not by a template, which takes three times as long. Every
word of a flow goes through ``_shown``, which makes it visible, short and inert.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from flowops.pictures.words import called
from flowops.report.details import SIGNS, edge_lines, told_fields
from flowops.report.visible import LONGEST, changed_lines, clipped, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowops.report.model import (
        BlockReport,
        ChangeReport,
        FieldReport,
        ReferenceReport,
        StatementReport,
    )

_VALUE = 2_000
_MOST_LINES = 200
_NEW_LINE = "\n"
_MARKUP = re.compile(r"""[&<>"']""")
_ACTIONS = {"add": "added", "remove": "removed", "change": "changed"}
_SIGN = {"-": "removed", "+": "added"}
_PAIRS = (
    '<div class="table"><table class="pairs">\n<caption class="unseen">{}</caption>\n'
    '<thead><tr><th scope="col">property</th><th scope="col">before</th>'
    '<th scope="col">after</th></tr></thead>\n<tbody>\n'
)
_REFERENCES = (
    '<h3>References</h3>\n<div class="table"><table>\n'
    '<caption class="soft">What this flow refers to on the target</caption>\n'
    '<thead><tr><th scope="col">answer</th><th scope="col">what</th>'
    '<th scope="col">evidence</th></tr></thead>\n<tbody>\n'
)
_END = "</tbody></table></div>\n"


def changes_html(change: ChangeReport, blocks: Sequence[BlockReport]) -> str:
    """Write the attributes, blocks and connections that differ; ``blocks`` are its."""
    return "".join(_parts(change, blocks))


def references_html(references: Sequence[ReferenceReport]) -> str:
    """Write what a flow refers to, and the answers; nothing where it refers to none."""
    if not references:
        return ""
    return f"{_REFERENCES}{''.join(map(_reference, references))}{_END}"


def _parts(change: ChangeReport, blocks: Sequence[BlockReport]) -> Iterator[str]:
    if change.attributes:
        yield "<h3>Attributes of the flow</h3>\n"
        if all(field.before is None for field in change.attributes):
            yield _values(change.attributes)
        else:
            yield from _pairs(change.attributes, "Attributes that differ")
    if blocks:
        yield '<h3>Blocks</h3>\n<ul class="blocks">\n'
        for block in blocks:
            yield from _block(block)
        yield "</ul>\n"
    if change.edges_added or change.edges_removed:
        yield "<h3>Connections</h3>\n<ul>\n"
        for sign, words in edge_lines(change):
            told = f'<span class="sign">{sign}</span> {_SIGN[sign]}: {_shown(words)}'
            yield f"<li>{told}</li>\n"
        yield "</ul>\n"


def _block(block: BlockReport) -> Iterator[str]:
    name = called(block.block, block.type, block.label)
    shown, action = _shown(name), block.action
    words = [f'<span class="sign">{SIGNS[action]}</span> {_ACTIONS[action]}:']
    words.append(f"<strong>{shown}</strong>")
    if name != block.block:
        words.append(f"<code>{_shown(block.block)}</code>")
    if block.type and name != block.type:
        words.append(f'<span class="soft">({_shown(block.type)})</span>')
    identity = _shown_line(block.block)
    yield f'<li class="{action}" data-block="{identity}">\n<p>{" ".join(words)}</p>\n'
    fields = told_fields(block)
    if fields and action == "add":
        yield _values(fields)
    elif fields:
        yield from _pairs(fields, f"Properties of {shown}")
    yield "</li>\n"


def _values(fields: Sequence[FieldReport]) -> str:
    """Write the values of something new: there are none before."""
    return f'<dl class="values">\n{"".join(map(_added, fields))}</dl>\n'


def _added(field: FieldReport) -> str:
    value = _value(field.after, field.after_name)
    return f"<dt>{_path(field)}</dt><dd>{value}</dd>\n"


def _pairs(fields: Sequence[FieldReport], caption: str) -> Iterator[str]:
    yield _PAIRS.format(caption)
    for field in fields:
        path = f'<th scope="row">{_path(field)}</th>'
        yield f"<tr>{path}{_cells(field)}</tr>\n"
    yield _END


def _cells(field: FieldReport) -> str:
    """Write both values, or of texts of many lines those lines that differ."""
    before, after = field.before, field.after
    if before and after and (field.statements or "\n" in before or "\n" in after):
        told = map(_statement, field.statements) if field.statements else ()
        return f'<td colspan="2">{"".join(told) or _lines(before, after)}</td>'
    was, becomes = _value(before, field.before_name), _value(after, field.after_name)
    return f"<td>{was}</td><td>{becomes}</td>"


def _statement(found: StatementReport) -> str:
    words = f'<span class="sign">{SIGNS[found.action]}</span> {_shown(found.name)}'
    if found.is_told:
        return f"<p>{words}: the options above</p>"
    return f"<p>{words}</p>{_lines(found.before or '', found.after or '')}"


def _lines(before: str, after: str) -> str:
    lines = (
        f'<span class="{_SIGN.get(line[0], "")}">{_inert(line)}</span>'
        for line in changed_lines(before, after, _MOST_LINES, _VALUE)
    )
    return f'<pre class="lines">{_NEW_LINE.join(lines)}</pre>'


def _path(field: FieldReport) -> str:
    path = f"<code>{_shown(field.path or '(no name)')}</code>"
    if not field.origin:
        return path
    return f'{path}<br><span class="soft">set by {_shown(field.origin)}</span>'


def _value(text: str | None, name: str) -> str:
    called_so = f"{_shown(name)} " if name else ""
    if not text:
        absent = "absent" if text is None else "empty"
        return f'{called_so}<span class="soft">{absent}</span>'
    shown = _NEW_LINE.join(map(_shown_line, text[:_VALUE].split(_NEW_LINE)))
    more = f"… ({len(text)} characters)" if len(text) > _VALUE else ""
    return f'{called_so}<span class="value">{shown}{more}</span>'


def _reference(found: ReferenceReport) -> str:
    what = f"{_shown(found.kind)} {_shown(found.name)}".rstrip()
    place = f"<code>{_shown(found.block)}</code>"
    return (
        f"<tr><td>{_shown(found.state)}</td><td>{what} {place}</td>"
        f"<td>{_shown(found.evidence)}</td></tr>\n"
    )


def _shown(text: str, most: int = LONGEST) -> str:
    return _inert(clipped(text, most))


def _shown_line(text: str) -> str:
    return _inert(visible(text))


def _inert(text: str) -> str:
    return escape(text) if _MARKUP.search(text) else text
