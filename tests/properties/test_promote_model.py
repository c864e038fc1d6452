"""A promote applies exactly a reviewed plan, or nothing; and then there is no plan.

A model of three flows is kept beside a real project and a real sandbox, while
edits in the repository, edits in the console, plans, promotes and kills come in
any order.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from flowops.journal import Journal
from tests.support.contact_flows import INSTANCE as OLD
from tests.support.contact_flows import action, contact_flow
from tests.support.projects import (
    Result,
    copy_example,
    held_by_staging,
    serve,
)

NAMES = st.sampled_from(["A", "B", "C"])
TEXTS = st.sampled_from(["one", "two", "three"])
STEPS = st.integers(min_value=0, max_value=8)
ID = "71569bb2-0000-4000-8000-000000000001"


class Killed(BaseException):
    """The process ends here."""


def flow_text(name: str, text: str) -> str:
    """Return a flow that says a text and leads to the next flow of the circle."""
    following = {"A": "B", "B": "C", "C": "A"}[name]
    parameters = {"ContactFlowId": f"{OLD}/contact-flow/{ID}"}
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "to"),
        action("to", "TransferToFlow", parameters, "end"),
        action("end", "DisconnectParticipant"),
    ]
    shown = {"to": {"ContactFlow": {"text": following}}}
    return json.dumps(contact_flow(actions, shown, name=name))


class PromoteModel(RuleBasedStateMachine):
    """The model: what the repository, the console and a saved plan say."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="flowops-model-"))
        self.stack.callback(shutil.rmtree, folder)
        root = copy_example(folder / "project")
        (root / "flows" / "event_processing" / "large-orders.json").unlink()
        (root / "flows" / "connect" / "main-ivr.json").unlink()
        staging = root / "environments" / "staging.yaml"
        staging.write_text(staging.read_text("utf-8").split("\nflows:")[0], "utf-8")
        base = root / "environments" / "base.yaml"
        base.write_text("", "utf-8")
        self.project = self.stack.enter_context(serve(root, held_by_staging()))
        self.repository: dict[str, str] = {}
        self.live: dict[str, str] = {}
        self.drafts: dict[str, str] = {}
        self.saved: tuple[dict[str, str], dict[str, str], dict[str, str]] | None = None
        for name in "ABC":
            self.edit(name, "zero")
        self.promote_now()

    def teardown(self) -> None:
        self.stack.close()

    @property
    def plan_file(self) -> Path:
        return self.project.root.parent / "plan.json"

    @rule(name=NAMES, text=TEXTS)
    def edit(self, name: str, text: str) -> None:
        """Somebody commits an edit."""
        path = self.project.root / "flows" / "connect" / f"{name}.json"
        path.write_text(flow_text(name, text), "utf-8")
        self.repository[name] = text

    @rule(name=NAMES, text=TEXTS)
    def edit_in_console(self, name: str, text: str) -> None:
        """Somebody publishes an edit in the console."""
        self.write_live(name, text)
        self.live[name] = text
        self.drafts.pop(name, None)

    @rule(name=NAMES, text=TEXTS)
    def save_in_console(self, name: str, text: str) -> None:
        """Somebody saves a draft in the console."""
        self.write_live(name, text, ":$SAVED")
        self.drafts[name] = text

    @rule()
    def plan(self) -> None:
        """A plan is made and kept for review."""
        words = ["plan", "staging", "--save", str(self.plan_file)]
        assert self.project.run(*words).code == 0
        self.saved = (dict(self.repository), dict(self.live), dict(self.drafts))

    @precondition(lambda self: self.saved is not None)
    @rule()
    def promote_reviewed(self) -> None:
        """The reviewed plan is promoted: it is applied exactly, or nothing is."""
        assert self.saved is not None
        repository, live, _ = self.saved
        result = self.promote("--plan", str(self.plan_file))
        if self.overwrites_a_draft():
            assert result.code == 3
        elif self.same_plan(repository, live):
            assert result.code == 0, result.err
            self.live = dict(repository)
        else:
            assert result.code == 3, result.err
            assert re.search("plan-changed|target-drifted", result.err)

    def same_plan(self, repository: dict[str, str], live: dict[str, str]) -> bool:
        """Tell whether planning now gives what was planned then."""
        return repository == self.repository and live == self.live

    def overwrites_a_draft(self) -> bool:
        return any(
            self.live[name] != text and name in self.drafts
            for name, text in self.repository.items()
        )

    @rule()
    def promote_now(self) -> None:
        """What is planned now is promoted."""
        result = self.promote("--yes")
        if self.overwrites_a_draft() if self.live else False:
            assert result.code == 3
            assert "unpublished-draft" in result.err
        else:
            assert result.code == 0, result.err
            self.live = dict(self.repository)

    @precondition(lambda self: not self.overwrites_a_draft())
    @rule(step=STEPS)
    def promote_and_be_killed(self, step: int) -> None:
        """A promote is cut off, and another is run."""
        original, calls = Journal.step, iter(range(1_000))

        def dying(journal: Journal, *arguments: Any) -> None:
            original(journal, *arguments)
            if next(calls) == step:
                raise Killed

        with patch.object(Journal, "step", dying), suppress(Killed):
            self.promote("--yes")
        self.promote_now()

    @invariant()
    def the_target_is_as_the_model_says(self) -> None:
        """Nothing was written that no plan said."""
        if not self.live:
            return
        found = {name: self.text_of(name) for name in "ABC"}
        assert found == self.live
        for name, text in self.drafts.items():
            assert self.text_of(name, ":$SAVED") == text

    @invariant()
    def no_changes_right_after_a_promote(self) -> None:
        if self.live and self.live == self.repository:
            assert "No changes." in self.project.run("plan", "staging").out

    def promote(self, *words: str) -> Result:
        before = len(self.project.sandbox.writes())
        allow = ["--allow", "too-many-changes"]
        result = self.project.run("promote", "staging", *words, *allow)
        if result.code != 0:
            assert len(self.project.sandbox.writes()) == before, result.err
        return result

    def write_live(self, name: str, text: str, suffix: str = "") -> None:
        content = json.loads(self.project.live(name)["Content"])
        content["Actions"][0]["Parameters"]["Text"] = text
        self.project.client.update_contact_flow_content(
            InstanceId=self.project.sandbox.instance_id,
            ContactFlowId=f"{self.project.flow_id(name)}{suffix}",
            Content=json.dumps(content),
        )

    def text_of(self, name: str, suffix: str = "") -> str:
        text = self.project.content(name, suffix)["Actions"][0]["Parameters"]["Text"]
        assert isinstance(text, str)
        return text


TestPromoteModel = pytest.mark.slow(PromoteModel.TestCase)
TestPromoteModel.settings = settings(
    max_examples=6,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a step takes too long to shrink
)
