from __future__ import annotations

import pytest

from flowops.checks import check_environments, fails
from flowops.model import Finding, Severity
from flowops.systems.protocol import Flow
from tests.support.builders import flow_with, sources_from

FLOW = flow_with("Orders", {"orders/source/topic": "x"})


def check(files: dict[str, str], *flows: Flow) -> list[str]:
    paths = {f"environments/{name}.yaml": text for name, text in files.items()}
    findings = check_environments(sources_from(paths), flows or [FLOW])
    return [f"{f.location}: {f.message} [{f.rule}]" for f in findings]


TARGET = "targets: {connect: {kind: sandbox}}\n"


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
    text = "secrets: {s: {env: MISSING}, t: {file: missing}}\n" + config("'{{ s }}'")

    assert check({"a": text}) == []


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
