"""What every test shares: the golden option and how Hypothesis searches."""

from __future__ import annotations

import hypothesis
import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the golden tests produce over what they expect",
    )


# The same examples on every machine, and no failure because a machine is slow.
hypothesis.settings.register_profile("flowops", derandomize=True, deadline=None)
hypothesis.settings.load_profile("flowops")
