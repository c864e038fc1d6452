"""What a new sandbox holds, read strictly from a small mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from uuid import UUID

from flowops.errors import InputError
from flowops.systems.connect.sandbox.instance import (
    AGENT,
    AGENT_STATUS,
    ASSISTANT,
    CLASSIC_BOT,
    CONTACT_FLOW,
    DATA_TABLE,
    EMAIL_ADDRESS,
    FLOW_MODULE,
    HIERARCHY_GROUP,
    HOURS,
    KNOWLEDGE_BASE,
    LAMBDA,
    LEX_BOT,
    PHONE_NUMBER,
    PREDEFINED_ATTRIBUTE,
    PROMPT,
    QUEUE,
    QUICK_CONNECT,
    ROUTING_PROFILE,
    SECURITY_KEY,
    SECURITY_PROFILE,
    TASK_TEMPLATE,
    VIEW,
    Instance,
    derived_instance_id,
)
from flowops.systems.connect.sandbox.model import load_model

if TYPE_CHECKING:
    from collections.abc import Collection

KEYS: Mapping[str, str] = {
    "hours_of_operation": HOURS,
    "queues": QUEUE,
    "prompts": PROMPT,
    "lambda_functions": LAMBDA,
    "lex_bots": LEX_BOT,
    "users": AGENT,
    "quick_connects": QUICK_CONNECT,
    "phone_numbers": PHONE_NUMBER,
    "views": VIEW,
    "task_templates": TASK_TEMPLATE,
    "security_keys": SECURITY_KEY,
    "lex_v1_bots": CLASSIC_BOT,
    "predefined_attributes": PREDEFINED_ATTRIBUTE,
    "email_addresses": EMAIL_ADDRESS,
    "assistants": ASSISTANT,
    "knowledge_bases": KNOWLEDGE_BASE,
    "routing_profiles": ROUTING_PROFILE,
    "security_profiles": SECURITY_PROFILE,
    "hierarchy_groups": HIERARCHY_GROUP,
    "agent_statuses": AGENT_STATUS,
    "data_tables": DATA_TABLE,
    "flow_modules": FLOW_MODULE,
    "contact_flows": CONTACT_FLOW,
}
"""The keys of an inventory in the order they are loaded, with the kind of each."""

LONGEST_NAME = 127
_ALIAS = re.compile(r"(?!d-)[0-9A-Za-z](-*[0-9A-Za-z]){0,44}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-[0-9]")
_ACCOUNT = re.compile(r"[0-9]{12}")
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FUNCTION_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}"
)
_LEX_ALIAS_ARN = re.compile(
    r"arn:aws[a-z-]*:lex:[a-z0-9-]+:[0-9]{12}:bot-alias/[A-Z0-9]{10}/[A-Z0-9]{10}"
)
_LEX_NAME = r"(?:[0-9a-zA-Z][_-]?){1,100}"
_LEX_ALIAS_NAME = re.compile(rf"{_LEX_NAME}/{_LEX_NAME}")
_TEST_ALIAS = {"TSTALIASID": "TestBotAlias"}
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    PHONE_NUMBER: (
        re.compile(r"\+[1-9][0-9]{1,14}"),
        "a number such as +498912345",
    ),
    EMAIL_ADDRESS: (
        re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
        "an address such as help@example.com",
    ),
    CLASSIC_BOT: (re.compile(r"([A-Za-z]_?){2,50}"), "the name of a Lex V1 bot"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One resource to begin with; without ``id`` the sandbox derives one."""

    kind: str
    name: str
    id: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class SandboxInventory:
    """An instance and what it holds, in the order it is loaded."""

    instance: Instance
    items: tuple[Item, ...] = ()

    @classmethod
    def parse(cls, data: Mapping[str, object]) -> SandboxInventory:
        """Read an inventory; raises ``InputError`` for anything unknown or doubled."""
        _check_keys(data, {"instance", *KEYS}, "the inventory")
        instance = _instance(data.get("instance"))
        items = [
            item
            for key, kind in KEYS.items()
            for item in _items(data.get(key, []), key, kind, instance)
        ]
        _check_unique(items)
        return cls(instance, tuple(items))


def _instance(data: object) -> Instance:
    place = "instance"
    if not isinstance(data, Mapping):
        raise InputError(
            "the inventory of a sandbox needs a mapping 'instance'",
            hint='write instance: {alias: …, region: …, account: "…"}',
        )
    _check_keys(data, {"alias", "region", "account", "id"}, place)
    alias = _matching(data.get("alias"), _ALIAS, f"{place}.alias", "an instance alias")
    region = _matching(data.get("region"), _REGION, f"{place}.region", "an AWS Region")
    account = _matching(
        data.get("account"),
        _ACCOUNT,
        f"{place}.account",
        "twelve digits in quotation marks",
    )
    derived = derived_instance_id(account, region, alias)
    given = _uuid(data["id"], f"{place}.id") if "id" in data else derived
    return Instance(alias, region, account, given)


def _items(data: object, key: str, kind: str, instance: Instance) -> list[Item]:
    if not isinstance(data, list | tuple):
        raise InputError(f"{key} must be a list")
    return [
        _item(entry, f"{key}[{index}]", kind, instance)
        for index, entry in enumerate(data)
    ]


def _item(entry: object, place: str, kind: str, instance: Instance) -> Item:
    if kind == LAMBDA:
        return Item(kind, _lambda_arn(entry, place, instance))
    if kind == LEX_BOT:
        return _lex_alias(entry, place, instance)
    if kind == SECURITY_KEY:
        return Item(kind, _name(entry, place, kind), str(entry))
    flow_type = "CONTACT_FLOW" if kind == CONTACT_FLOW else ""
    if not isinstance(entry, Mapping):
        return Item(kind, _name(entry, place, kind), type=flow_type)
    keys = {"name", "id", "type"} if kind == CONTACT_FLOW else {"name", "id"}
    _check_keys(entry, keys, place)
    if "type" in entry:
        flow_type = _flow_type(entry["type"], f"{place}.type")
    return Item(
        kind,
        _name(entry.get("name"), f"{place}.name", kind),
        _uuid(entry["id"], f"{place}.id") if "id" in entry else "",
        flow_type,
    )


def _name(value: object, place: str, kind: str) -> str:
    if kind in _FORMS:
        return _matching(value, _FORMS[kind][0], place, _FORMS[kind][1])
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise InputError(f"{place} must be a name")
    if len(value) > LONGEST_NAME:
        raise InputError(f"{place} must have at most {LONGEST_NAME} characters")
    return value


def _flow_type(value: object, place: str) -> str:
    allowed = load_model().shape("ContactFlowType").allowed
    if not isinstance(value, str) or value not in allowed:
        raise InputError(f"{place} must be one of {', '.join(allowed)}")
    return value


def _lambda_arn(value: object, place: str, instance: Instance) -> str:
    if isinstance(value, str) and value.startswith("arn:"):
        what = "the ARN of a Lambda function, without a version or an alias"
        return _matching(value, _FUNCTION_ARN, place, what)
    what = "the name or the ARN of a Lambda function"
    return instance.lambda_arn(_matching(value, _FUNCTION_NAME, place, what))


def _lex_alias(entry: object, place: str, instance: Instance) -> Item:
    """Read ``BOT/ALIAS``, an ARN, or a mapping of both; ids stand for absent names."""
    name, arn = entry, entry
    if isinstance(entry, Mapping):
        _check_keys(entry, {"name", "arn"}, place)
        name, arn, place = entry.get("name"), entry.get("arn"), f"{place}.name"
    if isinstance(arn, str) and arn.startswith("arn:"):
        found = _matching(arn, _LEX_ALIAS_ARN, place, "the ARN of a Lex V2 bot alias")
        bot, _, alias = found.partition(":bot-alias/")[2].partition("/")
        if not isinstance(entry, Mapping):
            name = f"{bot}/{_TEST_ALIAS.get(alias, alias)}"
    else:
        found = ""
    what = "BOT/ALIAS, or the ARN of a Lex V2 bot alias"
    named = _matching(name, _LEX_ALIAS_NAME, place, what)
    ids = (instance.new_lex_id(named.partition("/")[0]), instance.new_lex_id(named))
    return Item(LEX_BOT, named, found or instance.lex_arn("/".join(ids)))


def _matching(value: object, rule: re.Pattern[str], place: str, what: str) -> str:
    if not isinstance(value, str) or not rule.fullmatch(value):
        raise InputError(f"{place} must be {what}, not {value!r}")
    return value


def _uuid(value: object, place: str) -> str:
    try:
        if isinstance(value, str) and str(UUID(value)) == value:
            return value
    except ValueError:
        pass
    raise InputError(f"{place} must be a UUID in lower case, not {value!r}")


def _check_keys(data: Mapping[str, object], known: Collection[str], place: str) -> None:
    for key in data:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            raise InputError(
                f"{place} has the unknown key {key!r}",
                hint=f"did you mean {near[0]!r}?" if near else "",
            )


def _check_unique(items: list[Item]) -> None:
    """Refuse a name or an id that stands twice, as Connect itself does."""
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        for what, value in (("name", item.name), ("id", item.id)):
            if value and (item.kind, what, value) in seen:
                key = next(key for key, kind in KEYS.items() if kind == item.kind)
                raise InputError(f"{key} holds the {what} {value!r} twice")
            seen.add((item.kind, what, value))
