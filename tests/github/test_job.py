"""A run of the action, with a command that does as told and an API like GitHub's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from flowops.github.job import Ended, Job, plan_outputs, run_job, summary_text
from flowops.github.runner import SUMMARY_LIMIT, Heard
from flowops.github.sticky import marker
from flowops.report.markdown import PAGE
from tests.github.entry import read_outputs
from tests.support.github_api import BOT, REPOSITORY, TOKEN, GitHub, github

EVENTS = Path(__file__).parent / "events"
START = marker(".", "staging")
CHANGES: dict[str, Any] = {
    "summary": {"create": 1, "update": 0, "delete": 0, "move": 0, "blocked": 0},
    "findings": [{"severity": "warning"}],
    "digest": "sha256:1",
}
NOTHING: dict[str, Any] = {
    "summary": {"create": 0, "update": 0, "delete": 0, "move": 0, "blocked": 0},
    "findings": [],
    "digest": "sha256:2",
}


@dataclass
class Scene:
    """A runner's folder, GitHub, and a command that writes these reports."""

    folder: Path
    api: GitHub
    code: int = 0
    document: dict[str, Any] | None = field(default_factory=lambda: CHANGES)
    comment: str = "the plan\n"
    printed: str = ""
    said: str = ""
    annotations: str = "::error file=a::b\n"
    event: str = "pull_request"
    variables: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def run(self, **given: str) -> int:
        inputs = {"command": "plan", "environment": "staging", "project": "."} | given
        variables = {
            f"FLOWOPS_INPUT_{name.upper().replace('-', '_')}": value
            for name, value in inputs.items()
        }
        variables |= {
            "FLOWOPS_GITHUB_TOKEN": TOKEN,
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.api.url,
            "GITHUB_EVENT_PATH": str(EVENTS / f"{self.event}.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }
        numbers = count()
        job = Job(
            variables=variables | self.variables,
            folder=self.folder,
            run=self.command,
            reason=lambda: "unresolved" if self.code else "",
            secrets=lambda _: ["hidden\nlines"],
            token=lambda: f"token-{next(numbers)}",
            sleep=lambda _: None,
            patience=0.5,
        )
        return run_job(job)

    def command(self, words: Sequence[str]) -> int:
        self.words = list(words)
        texts = {
            "json": json.dumps(self.document),
            "markdown": "# the whole report\n",
            "annotations": self.annotations,
            "comment": self.comment,
        }
        sys.stdout.write(f"{self.printed}\n")
        sys.stderr.write(self.said)
        for word in words:
            kind, _, path = word.removeprefix("--report=").partition("=")
            if word.startswith("--report=") and self.document is not None:
                Path(path).write_text(texts[kind])
        return self.code

    def outputs(self) -> dict[str, str]:
        return read_outputs((self.folder / "output").read_text())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with github() as api:
        yield Scene(tmp_path, api)


def test_a_plan_is_summed_up_in_outputs_summary_and_comment(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.printed = "::error::from a flow\n::set-output name=a::b"
    assert scene.run() == 0
    assert scene.outputs() == {
        "exit-code": "0",
        "failure-reason": "",
        "to-create": "1",
        "to-update": "0",
        "to-delete": "0",
        "to-move": "0",
        "blocked": "0",
        "changes": "true",
        "errors": "0",
        "warnings": "1",
        "digest": "sha256:1",
        "plan-path": str(scene.folder / "plan.json"),
        "report-path": str(scene.folder / "report.md"),
    }
    assert (scene.folder / "summary").read_text() == "# the whole report\n"
    assert scene.api.bodies() == [f"{START}1 -->\nthe plan\n"]
    assert capsys.readouterr().out == (
        "::add-mask::hidden\n::add-mask::lines\n::add-mask::hidden\\nlines\n"
        "::add-mask::aGlkZGVuCmxpbmVz\n"
        "::stop-commands::token-0\n"
        "::error::from a flow\n::set-output name=a::b\n"
        "::token-0::\n"
        "::error file=a::b\n"
    )


def test_the_same_plan_again_writes_nothing(scene: Scene) -> None:
    scene.run()
    scene.api.requests.clear()
    scene.run()
    assert {r.partition(" ")[0] for r in scene.api.requests} == {"GET"}
    assert len(scene.api.bodies()) == 1


def test_the_comment_follows_the_plan(scene: Scene) -> None:
    for number in range(7):
        scene.api.add("somebody", f"talk {number}")
    scene.api.add("mallory", f"{START}1 -->\nAll is well.")
    scene.comment = f"one\n{PAGE}two\n"
    scene.run()
    assert scene.api.bodies() == [f"{START}1 -->\none\n", f"{START}2 -->\ntwo\n"]
    scene.document, scene.comment = NOTHING, "No changes.\n"
    scene.run()
    assert scene.api.bodies() == [f"{START}1 -->\nNo changes.\n"]
    assert scene.api.bodies("mallory") == [f"{START}1 -->\nAll is well."]


def test_two_environments_have_two_comments(scene: Scene) -> None:
    scene.run()
    scene.run(environment="production")
    scene.run(project="other")
    assert len(scene.api.bodies()) == 3


def test_a_person_with_a_token_has_comments_of_their_own(scene: Scene) -> None:
    scene.run()
    scene.api.login = "octocat"
    scene.run()
    assert len(scene.api.bodies()) == len(scene.api.bodies("octocat")) == 1


@pytest.mark.parametrize(
    ("mode", "document", "count_of_comments"),
    [
        ("changes", NOTHING, 0),
        ("changes", NOTHING | {"findings": [{"severity": "error"}]}, 1),
        ("changes", CHANGES, 1),
        ("always", NOTHING, 1),
        ("never", CHANGES, 0),
        ("changes", None, 1),
    ],
)
def test_when_to_comment(
    scene: Scene, mode: str, document: dict[str, Any] | None, count_of_comments: int
) -> None:
    scene.document = document
    scene.run(comment=mode)
    assert len(scene.api.bodies()) == count_of_comments


def test_a_plan_that_could_not_be_made_replaces_the_old_one(scene: Scene) -> None:
    scene.run()
    scene.document, scene.code = None, 1
    scene.variables = {"GITHUB_RUN_ID": "5", "GITHUB_SERVER_URL": "https://g.example"}
    assert scene.run() == 1
    where = "[the job](https://g.example/acme/flows/actions/runs/5)"
    words = f"**FlowOps** could not make a plan. What is wrong is in {where}."
    assert scene.api.bodies() == [f"{START}1 -->\n{words}\n"]
    assert scene.outputs()["failure-reason"] == "unresolved"
    assert scene.outputs()["exit-code"] == "1"


@pytest.mark.parametrize("event", ["push", "schedule", "missing"])
def test_without_a_pull_request_nobody_is_asked(scene: Scene, event: str) -> None:
    scene.event = event
    assert scene.run() == 0
    assert scene.api.requests == []


def test_without_a_token_nobody_is_asked(scene: Scene) -> None:
    scene.variables = {"FLOWOPS_GITHUB_TOKEN": ""}
    assert scene.run() == 0
    assert scene.api.requests == []


@pytest.mark.parametrize("code", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 403), ("GET", 404), ("GET", 500), ("POST", 403), ("POST", 502)],
)
def test_a_comment_that_fails_is_one_notice_and_no_other_code(
    scene: Scene,
    capsys: pytest.CaptureFixture[str],
    method: str,
    status: int,
    code: int,
) -> None:
    scene.api.failing = {method: status}
    scene.code = code
    assert scene.run() == code
    out = capsys.readouterr().out
    assert out.count("::notice ") == 1
    assert f"GitHub answered {status} to a comment" in out
    assert (scene.folder / "summary").read_text() == "# the whole report\n"


def test_a_comment_api_that_hangs_is_left_alone(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.api.hanging = True
    assert scene.run() == 0
    assert "::notice title=FlowOps::The report is not under" in capsys.readouterr().out
    assert len(scene.api.requests) == 1


@pytest.mark.parametrize("answer", ['{"message": "no"}', '"words"', "7"])
def test_an_answer_of_another_shape_is_a_notice(
    scene: Scene, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    scene.api.answer = answer
    assert scene.run() == 0
    assert "something that is no list" in capsys.readouterr().out


def test_a_next_page_on_another_host_is_not_asked_for(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(7):
        scene.api.add(BOT, f"talk {number}")
    scene.api.next_host = "http://evil.example"
    assert scene.run() == 0
    assert "a next page on another host" in capsys.readouterr().out
    pages = [r for r in scene.api.requests if r.endswith("/comments")]
    assert len(pages) == 1


def test_a_wrong_input_runs_nothing(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scene.run(command="plan\n::error::x") == 64
    assert scene.words == []
    assert scene.outputs() == {"exit-code": "64", "failure-reason": "usage"}
    assert capsys.readouterr().out.count("\n") == 1
    assert scene.run(comment="sometimes") == 64


def test_what_is_said_stays_between_the_two_tokens(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a stream of its own it could be read before or after them."""
    scene.said, scene.annotations = "::error::from a flow\n", ""
    assert scene.run() == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.endswith(
        "::stop-commands::token-0\n\n::error::from a flow\n::token-0::\n"
    )


@pytest.mark.parametrize(
    ("said", "annotation"),
    [
        (
            "refused: deletes: 1%\n    allow it\n",
            "refused: deletes: 1%25%0A    allow it",
        ),
        ("", "plan failed: unresolved"),
    ],
)
def test_a_failure_without_a_finding_is_one_annotation(
    scene: Scene, capsys: pytest.CaptureFixture[str], said: str, annotation: str
) -> None:
    scene.code, scene.said, scene.annotations = 3, said, "::warning file=a::b\n"
    scene.run()
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        "::warning file=a::b",
        f"::error title=FlowOps::{annotation}",
    ]


@pytest.mark.parametrize("code", [1, 2])
def test_findings_and_changes_need_no_other_annotation(
    scene: Scene, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    scene.code, scene.said = code, "mend them\n"
    scene.annotations = "::error file=a::b\n" if code == 1 else ""
    scene.run()
    assert "title=FlowOps" not in capsys.readouterr().out


def ended(command: str, code: int, reason: str, said: str) -> Ended:
    heard = Heard()
    heard.write(said)
    return Ended(command, code, reason, heard)


def test_a_summary_says_first_what_was_done() -> None:
    said = "published: A ```\n@team <!-- x -->\n"
    text = summary_text(ended("promote", 0, "", said), "### The plan\n")
    assert text == (
        "### FlowOps promote: done\n\n````text\npublished: A ```\n"
        "@\u200bteam <\u200b!-- x -->\n````\n\n### The plan\n"
    )
    text = summary_text(ended("promote", 3, "refused:deletes", "no\n"), "")
    assert text.startswith("### FlowOps promote: refused:deletes\n\n```text\nno\n```")
    assert summary_text(ended("plan", 0, "", said), "the plan\n") == "the plan\n"
    assert summary_text(ended("plan", 1, "findings", said), "plan\n") == "plan\n"
    assert "### FlowOps plan: input\n" in summary_text(
        ended("plan", 1, "input", ""), ""
    )


def test_a_summary_fits(scene: Scene) -> None:
    """What does not fit is left out, the words of the log before the report."""
    long = "x" * SUMMARY_LIMIT
    said = ended("promote", 0, "", f"{long}\n")
    assert len(summary_text(said, "the plan\n").encode()) <= SUMMARY_LIMIT
    report = "y" * (SUMMARY_LIMIT - 10)
    assert summary_text(ended("promote", 0, "", "words\n"), report) == report
    many = ended("promote", 0, "", "line\n" * 10_000)
    assert summary_text(many, "").count("line\n") == 500
    assert summary_text(ended("plan", 0, "", ""), f"{long}y") == ""


def test_drift_counts_as_changes() -> None:
    assert plan_outputs({"drifted": True}) == {"changes": "true"}
    assert plan_outputs({"drifted": False}) == {"changes": "false"}
    assert plan_outputs({}) == {}
