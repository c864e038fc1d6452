"""Assemble the SQL of a whole flow, in the form Event Processing exports.

That is the form of 1.5.3, or of 1.1.4 where the environment's product is older than
1.1.8: the two generations of which whole exports are known.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowops.secrets import Text, compose
from flowops.systems.event_processing.compiler.aggregates import compile_aggregate
from flowops.systems.event_processing.compiler.api_calls import compile_api
from flowops.systems.event_processing.compiler.compiled import (
    CannotCompileError,
    Compiled,
    MixedClocksError,
    Task,
    View,
    check_names,
    with_options,
)
from flowops.systems.event_processing.compiler.declarations import (
    declarations,
    facts_of,
)
from flowops.systems.event_processing.compiler.dialects import (
    FLINK,
    PRODUCT,
    in_dialect,
)
from flowops.systems.event_processing.compiler.events import (
    compile_sink,
    compile_source,
    with_clause,
)
from flowops.systems.event_processing.compiler.joins import compile_interval_join
from flowops.systems.event_processing.compiler.mixed_clocks import clock_findings
from flowops.systems.event_processing.compiler.open_api_calls import compile_open_api
from flowops.systems.event_processing.compiler.processors import (
    compile_filter,
    compile_transform,
)
from flowops.systems.event_processing.compiler.sql_nodes import (
    compile_sql_processor,
    compile_sql_sink,
    compile_sql_source,
    with_tables,
)
from flowops.systems.event_processing.compiler.upstream import check_upstream
from flowops.systems.event_processing.learnt import Made
from flowops.systems.event_processing.pipeline import (
    LOOKUP_SUFFIX,
    NAME_POINTER,
    Aggregate,
    Api,
    Filter,
    IntervalJoin,
    Opaque,
    Sink,
    Source,
    SqlNode,
    SqlProcessor,
    SqlSink,
    SqlSource,
    Transform,
    is_destination,
    table_of,
)
from flowops.systems.event_processing.reading.findings import warning
from flowops.systems.event_processing.reading.wiring import in_order, on_the_way
from flowops.systems.event_processing.settings.prerequisites import advice
from flowops.systems.event_processing.settings.product_version import is_first_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flowops.model import Address, Finding
    from flowops.systems.event_processing.learnt import Learnt, Step
    from flowops.systems.event_processing.pipeline import AnyNode, Pipeline
    from flowops.systems.event_processing.settings.product_version import Version
    from flowops.systems.protocol import Setting

    _Tables: TypeAlias = Mapping[str, Mapping[str, Text]]

COMPILERS: Mapping[type[AnyNode], Callable[..., Compiled]] = {
    Source: compile_source,
    Filter: compile_filter,
    Transform: compile_transform,
    Aggregate: compile_aggregate,
    IntervalJoin: compile_interval_join,
    Api: compile_api,
    SqlSource: compile_sql_source,
    SqlProcessor: compile_sql_processor,
    SqlSink: compile_sql_sink,
    Sink: compile_sink,
}
"""One compiler per type of node; a type without one has no SQL."""

_RULE = "-- -------------------------------------------"
_HEADER = f"""{_RULE}
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: {{name}}
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
{_RULE}
"""


@dataclass(frozen=True, slots=True)
class Script:
    """The SQL of a flow, or why there is none."""

    text: Text | None
    findings: tuple[Finding, ...]


class _Reason(NamedTuple):
    """Why a node has no SQL, and what to do about it."""

    node: AnyNode
    words: str
    hint: str
    is_mixed: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """A flow to compile, the options of its tables, and the kind of its clocks."""

    pipeline: Pipeline
    options: Mapping[str, Mapping[str, Mapping[str, Text]]]
    is_zoned: bool = False
    dialect: str = PRODUCT
    is_first_form: bool = False


def make_script(
    address: Address,
    pipeline: Pipeline,
    settings: Iterable[Setting],
    dialect: str = PRODUCT,
    version: Version | None = None,
) -> Script:
    """Compile every node and join the statements, in the form of a version.

    There is no text when a node that feeds a destination cannot be compiled; a
    node beside the way is left out. Either is told in the findings.
    """
    is_first = is_first_form(version)
    work = _Work(pipeline, _options(settings), dialect=dialect, is_first_form=is_first)
    compiled, reasons = _compile_nodes(work)
    mixed = [reason for reason in reasons if reason.is_mixed]
    if mixed:  # one kind of clock for all then
        compiled, reasons = _compile_nodes(replace(work, is_zoned=True))
    wanted = on_the_way(pipeline)
    findings = [
        _no_sql(address, pipeline, reason, is_needed=reason.node.id in wanted)
        for reason in reasons
    ]
    if any(reason.node.id in wanted for reason in reasons):
        return Script(None, tuple(findings))
    if not any(map(is_destination, pipeline.nodes)):
        findings.append(_no_destination(address, pipeline))
    findings += [_two_kinds(address, pipeline, reason) for reason in mixed]
    known = pipeline.learnt.facts
    facts = {key: [*facts_of(made, known)] for key, made in compiled.items()}
    findings += clock_findings(address, pipeline, compiled, facts)
    declared = declarations(chain.from_iterable(facts.values()))
    parts = [*compiled.values()]
    text = _text(pipeline.name, declared, parts, is_first_form=is_first)
    return Script(text, tuple(findings))


def _options(
    settings: Iterable[Setting],
) -> Mapping[str, Mapping[str, Mapping[str, Text]]]:
    """Return the options by node, table and name."""
    options: dict[str, dict[str, dict[str, Text]]] = {}
    for setting in settings:
        table = options.setdefault(setting.node, {}).setdefault(setting.table, {})
        table[setting.name] = setting.value
    return options


def _compile_nodes(work: _Work) -> tuple[dict[str, Compiled], list[_Reason]]:
    """Compile what can be, by id; a node fed by one that cannot is passed over."""
    compiled: dict[str, Compiled] = {}
    reasons: list[_Reason] = []
    for node, feeding in _steps(work.pipeline):
        if any(identity not in compiled for identity in feeding):
            continue
        views = tuple(compiled[identity].view for identity in feeding)
        try:
            compiled[node.id] = _compiled_once(node, views, work)
        except CannotCompileError as error:
            is_mixed = isinstance(error, MixedClocksError)
            reasons.append(_Reason(node, error.reason, error.hint, is_mixed))
    return compiled, reasons


def _steps(pipeline: Pipeline) -> tuple[Step, ...]:
    """Return the nodes in the order to compile them, with the ids of their inputs."""
    learnt = pipeline.learnt
    if learnt.steps is None:
        inputs = pipeline.inputs()
        learnt.steps = tuple(
            (node, tuple(feeding.id for feeding in inputs[node.id]))
            for node in in_order(pipeline.nodes, pipeline.links)
        )
    return learnt.steps


def _compiled_once(node: AnyNode, views: tuple[View, ...], work: _Work) -> Compiled:
    """Compile a node, unless that was done with the same views and options."""
    known = work.pipeline.learnt.made
    form = (node.id, work.dialect, work.is_zoned, work.is_first_form)
    tables = work.options.get(node.name, {})
    made = known.get(form)
    if made and made.inputs == views:
        if _are_same(made.tables, tables):
            return made.compiled
        if compiled := _with_options(node, made.compiled, tables):
            known[form] = Made(views, tables, compiled)
            return compiled
    _check_node(node, work.pipeline)
    check_upstream(node, views, work.pipeline)
    compiled = _compile(node, views, work)
    texts = tuple(in_dialect(text, work.dialect) for text in compiled.statements)
    if work.dialect == PRODUCT:
        compiled = replace(compiled, statements=texts)
    else:  # which changes more than options
        compiled = replace(compiled, statements=texts, head="", template=None)
    known[form] = Made(views, tables, compiled)
    return compiled


def _with_options(node: AnyNode, made: Compiled, tables: _Tables) -> Compiled | None:
    """Return the SQL of a node with other options, if nothing else depends on them."""
    if made.template:
        return replace(made, statements=(with_tables(made.template, tables),))
    if not made.head:
        return None
    options = with_clause(tables.get(_own_table(node), {}))
    table = with_options(made.head, options)
    return replace(made, statements=(table, *made.statements[1:]))


def _are_same(one: _Tables, other: _Tables) -> bool:
    """Tell whether options are the same; of secrets, only the very same one is."""
    return one.keys() == other.keys() and all(
        [*options] == [*other[table]]
        and all(_is_same(value, other[table][name]) for name, value in options.items())
        for table, options in one.items()
    )


def _is_same(one: Text, other: Text) -> bool:
    return one is other or (isinstance(one, str) and one == other)


def _table_counts(pipeline: Pipeline) -> Mapping[str, int]:
    """Return how many nodes make each table or view."""
    learnt = pipeline.learnt
    if learnt.tables is None:
        made = (_tables(node, learnt) for node in pipeline.nodes)
        learnt.tables = Counter(chain.from_iterable(made))
    return learnt.tables


def _tables(node: AnyNode, learnt: Learnt) -> set[str]:
    """Return the names of every table and view a node makes."""
    names = {node.name}
    if isinstance(node, Source):
        names.add(table_of(node))
    if isinstance(node, Api):
        names.add(node.name + LOOKUP_SUFFIX)
    if isinstance(node, SqlNode):
        names |= {*learnt.outline(node).made}
    return names


def _check_node(node: AnyNode, pipeline: Pipeline) -> None:
    if isinstance(node, Opaque):
        raise CannotCompileError(f"is of type {node.type}, which cannot be compiled")
    if node.unknown:
        raise CannotCompileError(
            f"has the property {node.unknown[0]!r}, which is not known"
        )
    check_names([node.name])
    tables = _table_counts(pipeline)
    for name in sorted(_tables(node, pipeline.learnt)):
        if tables[name] > 1:
            raise CannotCompileError(
                f"makes {name!r}, which another node makes too", "rename one of them"
            )


def _compile(node: AnyNode, views: tuple[View, ...], work: _Work) -> Compiled:
    for view in views:
        if not view.columns and view.is_complete:
            raise CannotCompileError(f"is fed by {view.name}, which gives nothing on")
    tables = work.options.get(node.name, {})
    own = tables.get(_own_table(node), {})
    task = Task(views, own, tables, work.is_zoned, work.is_first_form)
    if isinstance(node, Api) and work.dialect == FLINK:
        return compile_open_api(node, task)
    return COMPILERS[type(node)](node, task)


def _own_table(node: AnyNode) -> str:
    """Return the table whose options a compiler of this node writes itself."""
    if isinstance(node, Source | Sink):
        return table_of(node)
    return node.name + LOOKUP_SUFFIX


def _text(
    name: str, declared: str, compiled: Sequence[Compiled], *, is_first_form: bool
) -> Text:
    views = [c for c in compiled if not c.insert]
    sinks = [c for c in compiled if c.insert]
    statements = [text for c in (*views, *sinks) for text in c.statements]
    if sinks and not is_first_form:
        statements.append(_statement_set(c.insert for c in sinks))
    elif sinks:
        statements += [c.insert for c in sinks]
    parts: list[Text] = [_HEADER.format(name=_on_one_line(name)), declared]
    for statement in statements:
        parts += [statement, "\n\n"]
    return compose(*parts[:-1], f"\n{_RULE}\n")


def _statement_set(inserts: Iterable[str]) -> str:
    lines = "".join(f"    {insert}\n" for insert in inserts)
    return f"EXECUTE STATEMENT SET\nBEGIN\n{lines}END;"


def _on_one_line(name: str) -> str:
    """Escape what could end a comment, such as a line end in a flow's name."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )


def _no_sql(
    address: Address, pipeline: Pipeline, reason: _Reason, *, is_needed: bool
) -> Finding:
    outcome = "there is no flow.sql" if is_needed else "flow.sql leaves it out"
    message = f"{reason.node.name} {reason.words}: {outcome}"
    hint = reason.hint or advice(pipeline)
    return warning(address, "no-sql", message, pipeline.place(reason.node), hint)


def _two_kinds(address: Address, pipeline: Pipeline, reason: _Reason) -> Finding:
    message = (
        f"{reason.node.name} {reason.words}: all event times of the flow become "
        "TIMESTAMP_LTZ, and a text without a zone is read in that of the session"
    )
    hint = f"{reason.hint}, or set table.local-time-zone where the job runs"
    place = pipeline.place(reason.node)
    return warning(address, "mixed-clocks", message, place, hint)


def _no_destination(address: Address, pipeline: Pipeline) -> Finding:
    message = "the flow has no destination: its SQL defines views and runs nothing"
    place = pipeline.places[NAME_POINTER]
    hint = "connect a destination and export the flow again"
    return warning(address, "no-destination", message, place, hint)
