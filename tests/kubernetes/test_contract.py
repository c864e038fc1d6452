"""The laws of every target, held by a namespace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flowops.systems import SYSTEMS
from flowops.systems.protocol import BoundFlow, Target
from tests.contract import test_systems as contract
from tests.support.clusters import MemoryCluster
from tests.support.streams import IBM, filled, opened

Law = Callable[[contract.Case, Callable[[], Target]], None]
LAWS: tuple[Law, ...] = (
    contract.test_identity_is_known_without_a_call,
    contract.test_what_was_promoted_is_read_back_equal,
    contract.test_nothing_goes_live_before_publish,
    contract.test_promoting_again_changes_nothing,
    contract.test_a_new_flow_is_taken_away_again,
    contract.test_an_older_flow_is_put_back,
    contract.test_a_flow_of_another_run_is_not_taken_away,
    contract.test_what_a_project_wrote_bears_its_mark,
    contract.test_a_changed_flow_takes_the_new_mark,
    contract.test_a_removed_flow_is_gone,
    contract.test_nothing_refers_to_a_flow_nobody_uses,
    contract.test_what_was_not_touched_needs_no_restoring,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_holds(
    law: Law, cluster: MemoryCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind = contract.bind
    monkeypatch.setattr(contract, "bind", lambda flow, to: for_ibm(bind(flow, to)))
    case = contract.Case(
        SYSTEMS["event_processing"], "flows/event_processing/large-orders.json"
    )
    law(case, lambda: opened(lambda: cluster, tmp_path))


def for_ibm(bound: BoundFlow) -> BoundFlow:
    """Give a bound flow the logins and the target of an environment."""
    return replace(bound, settings=tuple(map(filled, bound.settings)), target=IBM)
