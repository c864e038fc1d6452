"""What a job gives back to its runner, whatever a flow says."""

from __future__ import annotations

import base64
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowops.github.events import pull_request_number
from flowops.github.runner import append, mask, notice, output_text, read_runner
from tests.github.entry import read_outputs

EVENTS = Path(__file__).parent / "events"


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=60)))
def test_outputs_are_read_as_they_were_written(values: dict[str, str]) -> None:
    numbers = count()
    text = output_text(values, lambda: f"{next(numbers):032}")
    assert read_outputs(text) == values


def test_a_value_cannot_set_another_output() -> None:
    hostile = "x\nEOF\ndeploy=true\nflowops_0\ndeploy<<a\ntrue\na"
    text = output_text({"reason": hostile}, lambda: "0")
    assert read_outputs(text).keys() == {"reason"}


def test_a_long_value_is_cut() -> None:
    assert len(output_text({"a": "x" * 10_000_000}, lambda: "0")) < 9_000


def test_every_form_and_line_of_a_secret_is_hidden() -> None:
    value = 'first "line"\nsecond%'
    lines = mask(value)
    assert '::add-mask::first "line"' in lines
    assert "::add-mask::second%25" in lines
    assert '::add-mask::first \\"line\\"\\nsecond%25' in lines
    encoded = base64.b64encode(value.encode()).decode()
    assert f"::add-mask::{encoded}" in lines
    assert not any("\n" in line for line in lines)
    assert mask("") == mask("\n") == mask("x") == []


def test_a_notice_is_one_line() -> None:
    assert notice("a\r\nb%") == "::notice title=FlowOps::a%0D%0Ab%25"


@pytest.mark.parametrize(
    ("name", "number"),
    [("pull_request", 7), ("push", None), ("schedule", None), ("missing", None)],
)
def test_only_a_pull_request_has_a_number(name: str, number: int | None) -> None:
    assert pull_request_number(EVENTS / f"{name}.json") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"pull_request": 7}',
        '{"pull_request": {"number": "7"}}',
        '{"pull_request": {"number": true}}',
        '{"pull_request": {"number": -1}}',
        "\x00",
        "[" * 100_000,
    ],
)
def test_an_event_of_another_kind_has_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "event.json").write_text(text)
    assert pull_request_number(tmp_path / "event.json") is None
    assert pull_request_number(None) is None


def test_without_a_runner_there_is_nothing_to_write(tmp_path: Path) -> None:
    runner = read_runner({})
    assert (runner.output, runner.summary, runner.event) == (None, None, None)
    assert not runner.is_there
    append(runner.output, "words")
    append(tmp_path / "file", "")
    assert not (tmp_path / "file").exists()


def test_the_address_of_a_run() -> None:
    runner = read_runner(
        {
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "acme/flows",
            "GITHUB_RUN_ID": "5",
            "GITHUB_API_URL": "https://api.github.example/",
        }
    )
    assert runner.run_url == "https://github.example/acme/flows/actions/runs/5"
    assert runner.api == "https://api.github.example"
