from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowops.checks import check_environments, check_files, fails
from flowops.model import Finding, Severity
from flowops.project import Project, WorkingTree
from flowops.systems.protocol import Flow
from tests.support.builders import flow_with, reference_to, sources_from
from tests.support.projects import copy_example, run

HERE = Path(__file__).parent
PROJECT = Project(HERE, WorkingTree(HERE), ("flows/*.json",))
FLOW = flow_with("Orders", {"orders/source/topic": "x"})


def check(files: dict[str, str], *flows: Flow) -> list[str]:
    paths = {f"environments/{name}.yaml": text for name, text in files.items()}
    findings = check_environments(sources_from(paths), flows or [FLOW], PROJECT)
    return [f"{f.location}: {f.message} [{f.rule}]" for f in findings]


TARGET = "targets: {event_processing: {kind: directory, path: d}}\n"


def config(value: str) -> str:
    return f"flows: {{Orders: {{config: {{orders: {{source: {{topic: {value}}}}}}}}}}}"


def test_environments_without_a_mistake() -> None:
    assert check({}) == []
    assert check({"a": "", "b": f"extends: a\n{config('y')}"}) == []


def test_one_environment_that_cannot_be_read_does_not_hide_another() -> None:
    first, second, third = check({"a": "x: 1", "b": "flows: {Order: {}}", "c": "["})

    assert first.startswith("environments/a.yaml:1:1: an environment has no key 'x'")
    assert first.endswith("[environment/unreadable]")
    assert second == (
        "environments/b.yaml:1:9: no flow is called 'Order' [overlay/matches-nothing]"
    )
    assert third.startswith("environments/c.yaml:2:1: this is not YAML")
    assert third.endswith("[environment/unreadable]")


def test_a_mistake_of_a_parent_is_reported_once() -> None:
    files = {"a": f"{TARGET}extends: base", "b": f"{TARGET}extends: base"}

    assert len(check(files | {"base": "x: 1"})) == 1
    assert len(check(files | {"base": "flows: {Order: {}}"})) == 1
    assert len(check(files | {"base": config("'{{ nobody }}'")})) == 1


def test_a_template_that_cannot_be_filled_is_found_without_a_target() -> None:
    (found,) = check({"a": TARGET + config("'{{ nobody }}'")})

    assert found == (
        "environments/a.yaml:2:52: the template uses 'nobody', which is not defined "
        "[overlay/cannot-be-filled]"
    )


def test_a_child_may_define_what_a_parent_without_targets_uses() -> None:
    base = config("'{{ kafka }}'")
    child = f"{TARGET}extends: base\nvariables: {{kafka: k}}"

    assert check({"base": base, "child": child}) == []
    assert len(check({"base": TARGET + base, "child": child})) == 1


def test_a_secret_without_a_value_is_no_mistake() -> None:
    text = "secrets: {s: {env: MISSING}, t: {file: missing}}\n" + config(
        "'{{ s }}{{ t }}'"
    )

    assert check({"a": text}) == []


def test_a_variable_that_fills_nothing_is_an_error_of_its_file() -> None:
    base = "variables: {kafka: k}\n" + config("'{{ kafka }}'")

    (found,) = check({"a": base, "b": "extends: a\nvariables: {kafak: x}"})

    assert found == (
        "environments/b.yaml:2:13: nothing is filled from the variable 'kafak' "
        "[overlay/fills-nothing]"
    )


def test_it_is_told_of_a_parent_that_lacks_what_its_children_define() -> None:
    base = "variables: {idle: 1, url: '{{ host }}'}\ntargets:\n" + config("'{{ url }}'")
    child = f"{TARGET}extends: base\nvariables: {{host: h}}"

    (found,) = check({"base": base, "child": child})

    assert found.startswith("environments/base.yaml:1:13: nothing is filled from the")


def test_what_may_be_for_a_flow_that_cannot_be_read_is_not_judged() -> None:
    text = (
        "flows: {Lost: {}, 'L*': {status: saved}, "
        "Orders: {config: {orders: {no: {t: 1}}}}, '*': {config: {other: {t: {p: 1}}}}}"
    )
    sources = sources_from({"environments/a.yaml": text})

    whole = check_environments(sources, [FLOW], PROJECT)
    part = check_environments(sources, [FLOW], PROJECT, whole=False)

    assert len(whole) == 4
    assert [found.message for found in part] == ["no table of that node is called 'no'"]


NOW = datetime(2026, 11, 22, tzinfo=UTC)


def files_of(tmp_path: Path, **files: str) -> list[str]:
    (tmp_path / "environments/sub").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "environments" / name.replace("_", ".")).write_text(text)
    project = Project(tmp_path, WorkingTree(tmp_path), ("flows/*.json",))
    found = check_files(project, project.environment_names(), NOW)
    return [f"{f.severity} {f.location}: {f.message} [{f.rule}]" for f in found]


def taken(days: int) -> str:
    return json.dumps({"taken": str(NOW - timedelta(days=days)), "systems": {}})


@pytest.mark.parametrize(("days", "warned"), [(30, False), (31, True), (365, True)])
def test_an_old_snapshot_is_a_warning(tmp_path: Path, days: int, warned: bool) -> None:
    found = files_of(tmp_path, a_yaml="", a_inventory_json=taken(days))

    assert found == warned * [
        (
            "warning environments/a.inventory.json:1:1: this snapshot is "
            f"{days} days old; references may have changed [inventory/stale]"
        )
    ]


@pytest.mark.parametrize("text", ["", "{", "{}", "[]"])
def test_a_damaged_snapshot_is_an_error(tmp_path: Path, text: str) -> None:
    (found,) = files_of(tmp_path, a_yaml="", a_inventory_json=text)

    assert found.startswith("error environments/a.inventory.json:1:")
    assert found.endswith("[inventory/unreadable]")


def test_a_file_of_another_ending_is_a_warning(tmp_path: Path) -> None:
    assert files_of(tmp_path, a_yaml="", qa_yml="", _yml="", note_txt="") == [
        (
            "warning environments/qa.yml:1:1: this is read as no environment: its "
            "name does not end in .yaml [environment/wrong-ending]"
        )
    ]


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], (False, False)),
        ([Severity.INFO], (False, False)),
        ([Severity.WARNING], (False, True)),
        ([Severity.ERROR], (True, True)),
        ([Severity.INFO, Severity.ERROR], (True, True)),
    ],
)
def test_what_fails_a_check(
    severities: list[Severity], expected: tuple[bool, bool]
) -> None:
    findings = [Finding("rule", severity, "") for severity in severities]

    assert (fails(findings, strict=False), fails(findings, strict=True)) == expected


# What an environment says of its targets.

INSTANCE = (
    "arn:aws:connect:eu-central-1:111122223333:instance/"
    "aaaaaaaa-0000-0000-0000-000000000000"
)
CONNECT = f"kind: amazon-connect, instance: '{INSTANCE}'"
KUBERNETES = "kind: kubernetes, namespace: n, server: 'https://h:6443'"
FLINK = "kind: flink, url: 'http://h'"
UNUSABLE = "[environment/unusable-target]"


@pytest.mark.parametrize(
    ("target", "where", "message"),
    [
        (
            f"connect: {{{CONNECT}, rate: 0}}",
            "rate",
            "`rate` of the target must be a number above zero, not '0'",
        ),
        (
            "event_processing: {kind: directory, path: d, dialect: flnik}",
            "dialect",
            "there is no dialect 'flnik'",
        ),
        (
            f"event_processing: {{{FLINK}, timout: 3}}",
            "timout",
            "a flink target has no key 'timout'",
        ),
        (
            "event_processing: {kind: directory}",
            "event_processing",
            "a directory target needs a `path` in the clear",
        ),
        (
            f"event_processing: {{{KUBERNETES}, operator: x}}",
            "operator",
            "there is no operator 'x'",
        ),
        (
            f"event_processing: {{{FLINK}, ask: {{kafka: {{ssl: x}}}}}}",
            "ssl",
            "there is no setting ask.kafka.ssl",
        ),
    ],
)
def test_a_target_that_cannot_be_opened_is_found_where_it_is_wrong(
    target: str, where: str, message: str
) -> None:
    text = f"targets: {{{target}}}"

    assert check({"a": text}) == [
        f"environments/a.yaml:1:{text.index(where) + 1}: {message} {UNUSABLE}"
    ]


def test_every_wrong_setting_of_every_target_is_reported() -> None:
    connect = f"  connect: {{{CONNECT}, rate: 0, burst: x}}"
    flink = f"  event_processing: {{{FLINK}, timeout: x, dialect: y, topic: z}}"
    found = check({"a": f"targets:\n{connect}\n{flink}"})

    assert sorted(line.split(": ")[0] for line in found) == [
        f"environments/a.yaml:{line}:{text.index(f'{key}:') + 1}"
        for line, text, key in [
            (2, connect, "rate"),
            (2, connect, "burst"),
            (3, flink, "timeout"),
            (3, flink, "dialect"),
            (3, flink, "topic"),
        ]
    ]


def test_what_only_a_machine_that_promotes_has_fails_no_check() -> None:
    secrets = "secrets: {token: {env: NOT_HERE}}\n"
    ask = "ask: {kafka: {bootstrap.servers: h}}"

    assert check({"a": f"targets: {{connect: {{{CONNECT}}}}}"}) == []
    text = f"targets: {{event_processing: {{{KUBERNETES}, operator: ibm}}}}"
    assert check({"a": text}) == []
    target = f"{FLINK}, token: '{{{{ token }}}}', {ask}"
    assert check({"a": f"{secrets}targets: {{event_processing: {{{target}}}}}"}) == []


BASE = """\
targets:
  connect: {kind: amazon-connect, instance: "{{ instance }}"}
  event_processing: {kind: flink, timeout: 9}
flows: {Orders: {config: {orders: {source: {topic: "{{ topic }}"}}}}}
"""
CHILD = f"""\
extends: base
variables: {{instance: "{INSTANCE}", topic: t}}
targets: {{event_processing: {{url: "http://h"}}}}
"""


def test_a_base_may_leave_what_its_children_give() -> None:
    lacks = "environments/base.yaml:2:35: the template uses 'instance', which is not"

    assert check({"base": BASE, "child": CHILD}) == []
    assert check({"base": BASE})[0].startswith(lacks)
    (found,) = check({"base": BASE, "child": "extends: base"})
    assert found.startswith(lacks)
    without = CHILD.replace(", topic: t", "")
    (found,) = check({"base": BASE, "child": without})
    assert found.startswith("environments/base.yaml:4:52: the template uses 'topic'")
    without = CHILD.replace('url: "http://h"', "")
    (found,) = check({"base": BASE, "child": without})
    assert found.startswith(
        "environments/child.yaml:3:11: a flink target needs a `url`"
    )


def test_a_base_may_leave_a_setting_of_a_target_to_its_children() -> None:
    base = "targets: {event_processing: {kind: flink, timeout: 9}}"
    child = "extends: base\ntargets: {event_processing: {url: 'http://h'}}"
    wrong = f"environments/base.yaml:1:11: a flink target needs a `url` {UNUSABLE}"

    assert check({"base": base, "child": child}) == []
    assert check({"base": base}) == [wrong]
    assert check({"base": base, "child": "extends: base"})[0].endswith(
        f"a flink target needs a `url` {UNUSABLE}"
    )


def test_a_base_without_a_target_may_leave_names_of_references() -> None:
    base = "flows: {Orders: {references: {queue: {Sales: '{{ sales }}'}}}}"
    flow = flow_with("Orders", references=[reference_to("queue", "x", name="Sales")])
    child = f"extends: base\nvariables: {{sales: x}}\n{TARGET}"

    assert check({"base": base, "child": child}, flow) == []
    (found,) = check({"base": TARGET + base, "child": child}, flow)
    assert "the template uses 'sales'" in found


def test_a_base_may_leave_the_kind_of_a_target_to_its_children() -> None:
    base = "targets: {event_processing: {path: d}}"
    child = "extends: base\ntargets: {event_processing: {kind: directory}}"

    assert check({"base": base, "child": child}) == []
    assert "needs a kind" in check({"base": base})[0]


def test_a_wrong_value_of_a_base_is_wrong_even_where_a_child_mends_it() -> None:
    base = f"targets: {{connect: {{{CONNECT}, rate: 0}}}}"
    child = "extends: base\ntargets: {connect: {rate: 1}}"

    (found,) = check({"base": base, "child": child})
    place = f"environments/base.yaml:1:{base.index('rate') + 1}"
    assert found.startswith(f"{place}: `rate` of the target must")


def test_without_a_target_a_template_is_filled_all_the_same() -> None:
    (found,) = check({"a": config("'{{ nobody }}'")})

    assert "the template uses 'nobody'" in found


def test_a_name_that_fills_nothing_is_an_error_where_it_is_a_typo(
    tmp_path: Path,
) -> None:
    root = copy_example(tmp_path / "project")
    path = root / "environments" / "production.yaml"
    text = path.read_text("utf-8")
    for name, severity in (("kafak", "error"), ("lonely", "warning")):
        path.write_text(text.replace("  kafka:", f"  {name}:"), "utf-8")
        result = run("check", "--project", str(root))
        assert f"{severity}: nothing is filled from the variable '{name}'" in result.out
