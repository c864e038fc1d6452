"""Whatever a flow is called and says, it does nothing in a log, output or comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.github.entry import Ran, Runner, runner
from tests.support.contact_flows import action, contact_flow
from tests.support.github_api import LIMIT
from tests.support.projects import SandboxProject
from tests.support.repositories import Repository

SUMMARY_LIMIT = 1024 * 1024
MARKER = "<!-- flowops:.:staging:1 -->"
HOSTILE = f"""::error::from a flow
::set-output name=changes::no
::add-mask::e
##[error]from a flow
EOF
changes<<EOF
````
```
{MARKER}
@team @acme/owners #1 GH-2 https://evil.example
</details><img src=x onerror=y>
| a | b |
nul \x00 escape \x1b[31m right \u202e isolate \u2066"""


@pytest.fixture
def machine(example: SandboxProject, tmp_path: Path) -> Iterator[Runner]:
    with runner(example, tmp_path / "runner") as found:
        found.event = "pull_request"
        Repository(example.root).git("checkout", "--quiet", "-b", "feature")
        yield found


def write_flow(project: SandboxProject, file: str, name: str, text: str) -> None:
    actions: list[dict[str, Any]] = [
        action(text[:45], "MessageParticipant", {"Text": text}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    path = project.root / "flows" / "connect" / f"{file}.json"
    path.write_text(json.dumps(contact_flow(actions, name=name)), "utf-8")


def inert(ran: Ran, machine: Runner) -> None:
    """Insist that nothing was obeyed, and nothing in a page is anything but text."""
    for line in ran.annotations:
        assert re.match(r"::(error|warning|notice) (file=|title=FlowOps)", line), line
    assert ran.outputs.keys() <= {
        "exit-code", "failure-reason", "changes", "to-create", "to-update",
        "to-delete", "to-move", "blocked", "errors", "warnings", "digest",
        "plan-path", "report-path",
    }  # fmt: skip
    for page in (ran.summary, *machine.api.bodies()):
        body = page.removeprefix(MARKER)
        for sign in ("<!--", "@team", "@acme", "<img", "\x00", "\x1b", "\u202e"):
            assert sign not in body, sign
        assert not re.search(r"(?m)^\s*(::|##\[)", body)
        assert body.count("<details") == body.count("</details>")
    assert "\x00" not in ran.log
    assert "\u202e" not in ran.log
    for line in ran.log.splitlines():
        assert not re.match(r"\s*(::set-output|::add-mask|##\[)", line)


def test_names_and_values_are_only_text(machine: Runner) -> None:
    write_flow(machine.project, "hostile", HOSTILE[:120], HOSTILE)
    write_flow(machine.project, "plain", "Plain", HOSTILE)
    machine.project.commit()
    ran = machine.run("plan", base="main")
    inert(ran, machine)
    assert ran.outputs["changes"] == "true"
    assert len(machine.api.bodies()) == 1
    again = machine.run("plan", base="main", flows="No such\n::error::x")
    inert(again, machine)
    assert again.code == 64


def test_a_value_of_ten_million_characters_is_cut(machine: Runner) -> None:
    write_flow(machine.project, "long", "Long", HOSTILE + "x" * 10_000_000)
    machine.project.commit()
    ran = machine.run("plan", base="main")
    inert(ran, machine)
    assert len(ran.log) < 100_000
    assert len(ran.summary.encode()) <= SUMMARY_LIMIT
    assert all(len(body) <= LIMIT for body in machine.api.bodies())
    assert machine.api.bodies() != []


def test_more_findings_than_a_job_shows_are_counted(machine: Runner) -> None:
    """Ten of a kind, and the tenth says where the others are, in plain words."""
    for number in range(30):
        path = machine.project.root / "flows" / f"bad{number}.json"
        path.write_text("{", "utf-8")
    ran = machine.run("check", "")
    assert (ran.code, ran.outputs["errors"]) == (1, "30")
    assert len(ran.annotations) == 10
    assert ran.annotations[-1].endswith(
        "(and 20 more; all of them: the summary of the job)"
    )


def test_a_comment_of_somebody_else_with_our_mark_is_left(machine: Runner) -> None:
    machine.api.add("mallory", f"{MARKER}\nAll is well.")
    write_flow(machine.project, "plain", "Plain", "one")
    machine.project.commit()
    assert machine.run("plan", base="main").code == 0
    assert machine.api.bodies("mallory") == [f"{MARKER}\nAll is well."]
    assert len(machine.api.bodies()) == 1


def test_five_hundred_changed_flows_fit_with_the_right_totals(machine: Runner) -> None:
    project = machine.project
    repository = Repository(project.root)
    repository.git("checkout", "--quiet", "main")
    for number in range(500):
        write_flow(project, f"f{number}", f"Flow {number:03}", "one")
    project.commit()
    repository.git("checkout", "--quiet", "-B", "feature")
    for number in range(500):
        write_flow(project, f"f{number}", f"Flow {number:03}", "two " * 20)
    project.commit()
    ran = machine.run("plan", base="main")
    assert ran.code == 0, ran.log[-2000:]
    total = "Plan: 0 to create, 500 to update, 0 to delete, 0 to move."
    assert total in ran.summary
    assert ran.outputs["to-update"] == "500"
    assert len(ran.summary.encode()) <= SUMMARY_LIMIT
    bodies = machine.api.bodies()
    assert 1 <= len(bodies) <= 3
    assert all(len(body) <= LIMIT for body in bodies)
    assert total in bodies[0]
    shown = sum(len(re.findall(r"connect/contact-flow/Flow \d", b)) for b in bodies)
    (left,) = re.findall(r"Left out here: (\d+) flows\b", bodies[-1])
    assert shown + int(left) == 500
    digest = ran.outputs["digest"]
    assert digest in bodies[0]
    assert digest in ran.summary


@pytest.mark.parametrize("status", [403, 404, 422, 500])
def test_a_comment_that_is_refused_changes_no_exit_code(
    machine: Runner, status: int
) -> None:
    machine.api.failing = {"POST": status}
    write_flow(machine.project, "plain", "Plain", "one")
    machine.project.commit()
    ran = machine.run("plan", base="main", detailed_exitcode="true")
    assert ran.code == 2
    assert [a for a in ran.annotations if a.startswith("::notice ")] == ran.annotations
    assert sum("title=FlowOps::" in line for line in ran.annotations) == 1
    assert "1 to create" in ran.summary


def test_a_comment_api_that_hangs_is_given_up(machine: Runner) -> None:
    machine.api.hanging = True
    write_flow(machine.project, "plain", "Plain", "one")
    machine.project.commit()
    ran = machine.run("plan", base="main")
    assert ran.code == 0
    assert sum("title=FlowOps::" in line for line in ran.annotations) == 1
    assert ran.annotations[-1].startswith("::notice title=FlowOps::The report is not")
