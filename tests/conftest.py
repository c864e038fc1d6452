"""What every test shares: the golden option and how Hypothesis searches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.support.projects import (
    SandboxProject,
    copy_example,
    held_by_staging,
    serve,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the golden tests produce over what they expect",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep tests that share a cluster of Flink on one worker."""
    from tests.support.scheduling import scheduler

    return scheduler(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests counted, such as how many real flows were read."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


# The same examples on every machine, and no failure because a machine is slow.
hypothesis.settings.register_profile(
    "flowops",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("flowops")


_CI = ("CI", "CI_COMMIT_BRANCH")


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees no CI service and no default of the person who runs it."""
    for name in list(os.environ):
        if name.startswith(("FLOWOPS_", "GITHUB_")) or name in _CI:
            monkeypatch.delenv(name)


@pytest.fixture
def example(tmp_path: Path) -> Iterator[SandboxProject]:
    """The example project, with a sandbox of its own as staging."""
    with serve(copy_example(tmp_path / "project"), held_by_staging()) as project:
        yield project
