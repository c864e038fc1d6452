"""Every rule about views, in the order of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.rules import view_content, view_use

if TYPE_CHECKING:
    from flowops.systems.connect.rules.view_rule import ViewRule

VIEW_RULES: tuple[ViewRule, ...] = (
    view_content.VIEW_NAME,
    view_content.VIEW_DESCRIPTION,
    view_content.VIEW_SIZE,
    view_content.VIEW_ACTION,
    view_content.VIEW_ID_TWICE,
    view_content.VIEW_INPUT_IN_TEXT,
    view_content.VIEW_SECRET,
    view_use.VIEW_INPUT_MISSING,
    view_use.VIEW_BRANCH_UNKNOWN,
    view_use.VIEW_BRANCH_MISSING,
    view_use.VIEW_RESULT_UNKNOWN,
)
