"""What was written and what is there are compared by meaning."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowops.errors import TargetError
from flowops.model import Address
from flowops.systems.connect.read_back import check_written
from flowops.systems.connect.rendering import CONTENT
from flowops.systems.protocol import FlowState
from tests.support.contact_flows import action, contact_flow

ADDRESS = Address("connect", "contact-flow", "A")


def state(content: object, **attributes: str) -> FlowState:
    text = content if isinstance(content, str) else json.dumps(content)
    return FlowState(ADDRESS, {CONTENT: text}, attributes)


def flow(text: str = "one", **metadata: Any) -> dict[str, Any]:
    actions = [
        action("say", "MessageParticipant", {"Text": text}, "end"),
        action("end", "DisconnectParticipant"),
    ]
    return contact_flow(actions, **metadata)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (state(flow()), state(flow())),
        (state(flow()), state(json.dumps(flow(), indent=3))),
        (state(flow()), state(flow(name="other", entryPointPosition={"x": 1}))),
        (state(flow()), state(flow(), status="saved", state="active")),
        (state(flow(), status="saved"), state(flow(), status="saved")),
        (state("unreadable"), state("unreadable")),
    ],
)
def test_the_same_is_the_same(wanted: FlowState, found: FlowState) -> None:
    check_written(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found", "words"),
    [
        (state(flow()), state(flow("two")), "its content is another one"),
        (state(flow()), state("oops"), "its content cannot be read"),
        (state("oops"), state(flow()), "its content cannot be read"),
        (
            state(flow(), status="published"),
            state(flow(), status="saved"),
            "it is saved, not published",
        ),
    ],
)
def test_what_differs_is_said(wanted: FlowState, found: FlowState, words: str) -> None:
    with pytest.raises(TargetError, match=words) as error:
        check_written(wanted, found)
    assert str(ADDRESS) in error.value.message
    assert "plan again" in error.value.hint
