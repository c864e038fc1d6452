"""What is installed is what is pinned, everywhere the same."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.sources import ROOT
from tools import bootstrap

LOCKS = [
    "requirements.lock",
    "requirements-action.lock",
    "requirements-dev.lock",
    "requirements-build.lock",
]


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text_of(lock), re.MULTILINE))


def unmet(requirements: list[str], lock: str) -> list[str]:
    """List the requirements for which a lock pins nothing, or not what is asked."""
    return [text for text in requirements if not is_met(Requirement(text), pins(lock))]


def is_met(requirement: Requirement, pinned: dict[str, str]) -> bool:
    pin = pinned.get(canonicalize_name(requirement.name))
    return pin is not None and pin in requirement.specifier


PROJECT = tomllib.loads(text_of("pyproject.toml"))
RUNTIME = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
# What a job may need: all but Graphviz, which is for a laptop.
ACTION = [r for name, of in EXTRAS.items() if name != "graphviz" for r in of]


@pytest.mark.parametrize(
    ("requirements", "lock"),
    [
        (RUNTIME, "requirements.lock"),
        (RUNTIME + GROUPS["dev"], "requirements-dev.lock"),
        (RUNTIME + ACTION, "requirements-action.lock"),
        (GROUPS["build"], "requirements-build.lock"),
        (PROJECT["build-system"]["requires"], "requirements-build.lock"),
    ],
    ids=["runtime", "development", "action", "build", "build system"],
)
def test_every_requirement_is_pinned(requirements: list[str], lock: str) -> None:
    assert unmet(requirements, lock) == []


@pytest.mark.parametrize("requirement", ["not-there", "typer<0.1"])
def test_a_requirement_that_is_not_pinned_is_found(requirement: str) -> None:
    assert unmet([requirement], "requirements.lock") == [requirement]


def test_tests_run_with_what_users_get() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    signs = ("://", "--index", "--extra-index", "--find-links")
    lines = text_of(lock).splitlines()

    assert [line for line in lines if any(sign in line for sign in signs)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = text_of(lock).replace("\\\n", " ").splitlines()
    pinned = [entry for entry in entries if "==" in entry]

    assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_action_uses_the_uv_of_the_makefile() -> None:
    assert f'version: "{bootstrap.VERSION}"' in text_of("action.yml")
