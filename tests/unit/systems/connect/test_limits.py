"""The limits kept here are those of the installed botocore, to the letter."""

from __future__ import annotations

import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from flowops.systems.connect.limits import LIMITS, Limit

OPERATIONS = {
    "contact-flow": "CreateContactFlow",
    "flow-module": "CreateContactFlowModule",
    "view": "CreateView",
}
MEMBERS = ("Name", "Description", "Type")


def vendor() -> dict[str, dict[str, Limit]]:
    """Read the limits out of the model of the service."""
    data = create_loader().load_service_model("connect", "service-2")
    model = ServiceModel(data, "connect")
    found: dict[str, dict[str, Limit]] = {}
    for kind, operation in OPERATIONS.items():
        members = model.operation_model(operation).input_shape.members
        found[kind] = {
            name: Limit(
                members[name].metadata.get("min"),
                members[name].metadata.get("max"),
                members[name].metadata.get("pattern", ""),
                frozenset(members[name].metadata.get("enum", ())),
            )
            for name in MEMBERS
            if name in members
        }
    return found


def test_the_limits_are_those_of_the_service() -> None:
    assert {kind: dict(limits) for kind, limits in LIMITS.items()} == vendor()


@pytest.mark.parametrize(
    ("kind", "member", "text", "why"),
    [
        ("contact-flow", "Name", "", "has 0 characters; at least 1 are needed"),
        ("flow-module", "Name", "x" * 128, "has 128 characters; at most 127 are taken"),
        ("flow-module", "Name", "x" * 127, ""),
        ("flow-module", "Name", " ", "is blank"),
        ("flow-module", "Name", "a\nb", "holds what is not taken there"),
        ("view", "Description", "What for?", "holds what is not taken there"),
        ("view", "Description", "Für (alle), 1/2", ""),
        ("contact-flow", "Description", "", ""),
    ],
)
def test_a_text_that_is_refused_is_told_why(
    kind: str, member: str, text: str, why: str
) -> None:
    assert LIMITS[kind][member].refusal(text) == why


def test_a_word_that_is_none_of_those_there_are_is_refused() -> None:
    limit = LIMITS["contact-flow"]["Type"]
    assert limit.refusal("CONTACT_FLOW") == ""
    assert limit.refusal("nonsense").startswith("is none of AGENT_HOLD, ")
