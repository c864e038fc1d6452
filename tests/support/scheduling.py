"""Which tests one worker has to run: those that share a cluster of Flink.

A cluster is three Java processes; each worker that needs one starts its own. Tests say
by ``xdist_group`` which they share, and pytest 9.2 does not let xdist hear it: it reads
the group from the id of a test, which can no longer be changed.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

_FLINK = re.compile(r"(?:^|/)tests/flink/(\w+)\.py::")
_OLD = re.compile(r"1\.20|old_flink")
_PLANS = ("test_planner", "test_runner_sql")
_ON_OLD = ("test_gateway",)


def group_of(test: str) -> str:
    """Return the name of the group a test runs with, which is its own id for most."""
    found = _FLINK.search(test)
    if not found:
        return test
    version = "1.20" if _OLD.search(test) or found[1] in _ON_OLD else "2.2"
    return f"{'planner' if found[1] in _PLANS else 'cluster'}-{version}"


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Return what gives tests to workers under ``--dist loadgroup``, else nothing."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    found = LoadGroupScheduling(config, log)
    found._split_scope = group_of
    return found
