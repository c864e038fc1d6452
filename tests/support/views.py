"""A small view, the flow that shows it, and the files of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.support.contact_flows import INSTANCE, action, contact_flow
from tests.support.projects import SandboxProject

NAME = "Order form"
ACTIONS = ("Submit", "Skip")
ID = "71569bb2-0000-4000-8000-000000000009"
ARN = f"{INSTANCE}/view/{ID}:$LATEST"
ERRORS = ("NoMatchingCondition", "NoMatchingError", "TimeLimitExceeded")
Json = dict[str, Any]


def component(identifier: str, kind: str, *content: Any, **props: Any) -> Json:
    return {"_id": identifier, "Type": kind, "Props": props, "Content": list(content)}


def template(button: str = "Send") -> Json:
    """Return a form that needs the input Customer and gives back order."""
    return {
        "Head": {"Title": NAME, "Configuration": {"Layout": {"Columns": ["12"]}}},
        "Body": [
            component(
                "card",
                "Container",
                component("who", "TextBox", "$.Customer"),
                component("order", "FormInput", Label="Number", Name="order"),
                component("send", "SubmitButton", button, Action="Submit"),
                component("skip", "Button", "Skip", Action="Skip"),
            )
        ],
    }


def view(
    shown: Json | None = None, actions: Sequence[str] = ACTIONS, **more: Any
) -> Json:
    """Return a view as a file keeps it."""
    content = {"Actions": list(actions), "Template": shown or template()}
    return {"Name": NAME, "Status": "PUBLISHED", "Content": content} | more


def showing(
    data: Any = None,
    branches: Iterable[str] = ACTIONS,
    result: str = "$.Views.ViewResultData.order",
    identifier: str = ARN,
    shown: str = NAME,
) -> Json:
    """Return a flow that shows the view and keeps what it gives back."""
    parameters = {
        "ViewResource": {"Id": identifier},
        "InvocationTimeLimitSeconds": "60",
        "ViewData": {"Customer": "$.Attributes.name"} if data is None else data,
    }
    show = action("show", "ShowView", parameters, "end")
    show["Transitions"]["Conditions"] = [
        {"NextAction": "keep", "Condition": {"Operator": "Equals", "Operands": [name]}}
        for name in branches
    ]
    show["Transitions"]["Errors"] = [
        {"NextAction": "end", "ErrorType": error} for error in ERRORS
    ]
    kept = {"Attributes": {"o": result}}
    keep = action("keep", "UpdateContactAttributes", kept, "end")
    known = {"parameters": {"ViewResource": {"Id": {"displayName": shown}}}}
    actions = [show, keep, action("end", "DisconnectParticipant")]
    return contact_flow(actions, {"show": known} if shown else None, name="Guide")


def write(project: SandboxProject, document: Mapping[str, Any], name: str) -> None:
    """Write a document as a file of the project."""
    path = project.root / "flows" / "connect" / f"{name}.json"
    path.write_text(json.dumps(document, indent=1), "utf-8")
