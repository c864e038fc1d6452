"""Every rule there is, in the order of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.rules import (
    conditions,
    environment,
    identifiers,
    legacy,
    names,
    paths,
    references,
    resources,
    sizes,
    types,
    values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.systems.connect.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    paths.START_MISSING,
    paths.EDGE_TO_NOWHERE,
    paths.UNREACHABLE,
    paths.NO_WAY_OUT,
    paths.DEAD_END,
    paths.PAST_THE_END,
    identifiers.IDENTIFIER_LENGTH,
    identifiers.IDENTIFIER_CHARACTERS,
    conditions.CONDITION_OPERATOR,
    conditions.CONDITION_OPERANDS,
    conditions.CONDITION_LIMITS,
    types.UNKNOWN_ACTION,
    types.MODULE_ACTION,
    types.MODULE_CALLER,
    types.EVENT_HOOK,
    types.VOICE_ID,
    sizes.TOO_MANY_ACTIONS,
    sizes.TOO_LARGE,
    sizes.EXPORT_BLOCKS,
    sizes.EXPORT_SIZE,
    references.OTHER_KIND,
    values.PLACEHOLDER,
    values.SECRET_IN_FILE,
    values.METADATA_ONLY,
    values.BARE_ID,
    values.CASE_FIELD,
    legacy.LEGACY,
    names.NAME_REFUSED,
    names.TYPE_WORD,
    names.NAMES_ALIKE,
    environment.UNKNOWN_TYPE,
    environment.TYPE_MISSING,
    environment.TYPE_DIFFERS,
    environment.NEW_DRAFT,
    references.OTHER_PARTITION,
    references.OTHER_FLOW_TYPE,
    resources.ARCHIVED_REFERENCE,
    resources.UNKNOWN_QUALIFIER,
    resources.QUALIFIER_UNCHECKED,
)
RULE_BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
