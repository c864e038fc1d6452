"""The inputs of the action are the options of the command line, and no more."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flowops.errors import UsageError
from flowops.github.inputs import (
    COMMANDS,
    COMMENTS,
    command_inputs,
    command_line,
    comment_mode,
    given_inputs,
    variable,
)
from tests.support.sources import ROOT


def test_words_are_arguments_after_everything_else() -> None:
    given = {
        "command": "plan",
        "environment": "--help",
        "flows": "Main IVR\n\n-x\n",
        "project": "my flows",
        "base": "origin/main",
        "recorded": "false",
        "detailed-exitcode": "true",
        "allow": "deletes\ndirty-tree\n",
    }
    assert command_line(given) == (
        "plan",
        "--project=my flows",
        "--base=origin/main",
        "--detailed-exitcode",
        "--allow=deletes",
        "--allow=dirty-tree",
        "--",
        "--help",
        "Main IVR",
        "-x",
    )


def test_nothing_is_split_or_expanded() -> None:
    hostile = "$(id) `id` * ; \"'"
    given = {"command": "check", "flows": hostile, "project": hostile}
    assert command_line(given) == ("check", f"--project={hostile}", "--", hostile)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "'command' must be one of"),
        ({"command": "pull"}, "'command' must be one of"),
        ({"command": "check; id"}, "'command' must be one of"),
        ({"command": "plan"}, "plan needs the input 'environment'"),
        (
            {"command": "check", "environment": "staging"},
            "the input 'environment' is not for check",
        ),
        (
            {"command": "plan", "environment": "staging", "yes": "true"},
            "the input 'yes' is not for plan",
        ),
        (
            {"command": "promote", "environment": "staging", "yes": "yes"},
            "the input 'yes' must be true or false",
        ),
    ],
)
def test_a_wrong_input_is_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        command_line(given)
    assert words in refused.value.message


def test_what_a_command_does_not_take_may_be_left_at_its_default() -> None:
    given = {"command": "check", "yes": "false", "project": "."}
    assert command_line(given) == ("check", "--project=.", "--")


def test_inputs_come_through_variables() -> None:
    given = given_inputs({"FLOWOPS_INPUT_EXPECT_DIGEST": "sha256:1"})
    assert given["expect-digest"] == "sha256:1"
    assert {value for name, value in given.items() if name != "expect-digest"} == {""}
    assert variable("detailed-exitcode") == "FLOWOPS_INPUT_DETAILED_EXITCODE"


def test_the_time_to_comment_is_one_of_three() -> None:
    assert comment_mode({}) == "changes"
    assert [comment_mode({"comment": word}) for word in COMMENTS] == list(COMMENTS)
    with pytest.raises(UsageError):
        comment_mode({"comment": "sometimes"})


def test_every_option_is_an_input_but_those_the_action_sets() -> None:
    from typing import Any, cast

    from typer.main import get_command

    from flowops.cli.app import app

    group = cast("Any", get_command(app))
    own = {"format", "save", "report", "quiet", "no-progress", "color", "help"}
    for command in COMMANDS:
        options = {
            max(p.opts, key=len).removeprefix("--").replace("_", "-")
            for p in group.commands[command].params
        }
        taken = {one.name for one in command_inputs() if command in one.commands}
        assert taken == options - own


def test_action_yml_and_its_page_are_what_the_options_make_of_them() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools/action_inputs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
