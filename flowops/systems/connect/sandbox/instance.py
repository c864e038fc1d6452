"""The instance the sandbox plays: its identity, and the ARNs of what it holds.

Source of the ARN forms: "Resource types defined by Amazon Connect" in the Service
Authorization Reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Mapping

AGENT = "agent"
AGENT_STATUS = "agent-state"
ASSISTANT = "assistant"
CLASSIC_BOT = "lex-v1"
CONTACT_FLOW = "contact-flow"
DATA_TABLE = "data-table"
EMAIL_ADDRESS = "email-address"
FLOW_MODULE = "flow-module"
HIERARCHY_GROUP = "agent-group"
HOURS = "operating-hours"
KNOWLEDGE_BASE = "knowledge-base"
LAMBDA = "lambda"
LEX_BOT = "lex"
PHONE_NUMBER = "phone-number"
PREDEFINED_ATTRIBUTE = "predefined-attribute"
PROMPT = "prompt"
QUEUE = "queue"
QUICK_CONNECT = "transfer-destination"
ROUTING_PROFILE = "routing-profile"
SECURITY_KEY = "security-key"
SECURITY_PROFILE = "security-profile"
TASK_TEMPLATE = "task-template"
VIEW = "view"

KIND_WORDS: Mapping[str, str] = {
    "alias": "alias",
    AGENT: "user",
    AGENT_STATUS: "agent status",
    ASSISTANT: "assistant",
    CLASSIC_BOT: "Lex V1 bot",
    CONTACT_FLOW: "flow",
    DATA_TABLE: "data table",
    EMAIL_ADDRESS: "email address",
    FLOW_MODULE: "flow module",
    HIERARCHY_GROUP: "hierarchy group",
    HOURS: "hours of operation",
    KNOWLEDGE_BASE: "knowledge base",
    LAMBDA: "Lambda function",
    LEX_BOT: "Lex bot alias",
    PHONE_NUMBER: "phone number",
    PREDEFINED_ATTRIBUTE: "predefined attribute",
    PROMPT: "prompt",
    QUEUE: "queue",
    QUICK_CONNECT: "quick connect",
    ROUTING_PROFILE: "routing profile",
    SECURITY_KEY: "security key",
    SECURITY_PROFILE: "security profile",
    TASK_TEMPLATE: "task template",
    VIEW: "view",
}
_NAMESPACE = UUID("6f0f2c4e-5d0b-5b7e-9d6f-2f3c1a7b8e90")
_LEX_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Instance:
    """One Amazon Connect instance."""

    alias: str
    region: str
    account: str
    id: str

    @property
    def partition(self) -> str:
        """Give the partition that the Region belongs to."""
        for prefix, partition in _PARTITIONS.items():
            if self.region.startswith(f"{prefix}-"):
                return partition
        return "aws"

    @property
    def arn(self) -> str:
        """Give the ARN of the instance."""
        return f"{self._owned('connect')}:instance/{self.id}"

    def arn_of(self, kind: str, resource_id: str) -> str:
        """Give the ARN of a resource; a Lambda or a Lex bot is its own ARN."""
        if kind in (LAMBDA, LEX_BOT):
            return resource_id
        if kind in (ASSISTANT, KNOWLEDGE_BASE):
            return f"{self._owned('wisdom')}:{kind}/{resource_id}"
        if kind == PHONE_NUMBER:
            return f"{self._owned('connect')}:{kind}/{resource_id}"
        return f"{self.arn}/{kind}/{resource_id}"

    def lambda_arn(self, name: str) -> str:
        """Give the ARN of a Lambda function of the same account and Region."""
        return f"{self._owned('lambda')}:function:{name}"

    def lex_arn(self, alias: str) -> str:
        """Give the ARN of the alias ``BOTID/ALIASID`` of this account and Region."""
        return f"{self._owned('lex')}:bot-alias/{alias}"

    def new_lex_id(self, name: str) -> str:
        """Give ten letters and digits, the same for the same name."""
        number = uuid5(UUID(self.id), f"{LEX_BOT}/{name}").int
        return "".join(_LEX_SIGNS[number >> 5 * place & 31] for place in range(10))

    def new_id(self, kind: str, name: str, count: int) -> str:
        """Give the id of the ``count``-th resource of this kind and name."""
        return str(uuid5(UUID(self.id), f"{kind}/{name}/{count}"))

    def _owned(self, service: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}"


def derived_instance_id(account: str, region: str, alias: str) -> str:
    """Give the id of an instance that states none."""
    return str(uuid5(_NAMESPACE, f"{account}/{region}/{alias}"))
