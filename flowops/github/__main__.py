"""What the action runs: ``python -I -m flowops.github``."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from flowops.__main__ import interrupt, open_streams
from flowops.cli import main
from flowops.cli.outcome import reason
from flowops.errors import INTERRUPTED, FlowOpsError
from flowops.github.comment import TOKEN
from flowops.github.job import Job, run_job
from flowops.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def secrets_of(given: Mapping[str, str]) -> Sequence[str]:
    """Return the values of an environment's secrets, so that the log hides them."""
    from flowops.cli.workspace import sources_of
    from flowops.overlays.environment import load_environment
    from flowops.project import find_root, open_project

    if not given.get("environment"):
        return ()
    try:
        project = open_project(find_root(Path(given.get("project") or ".")), None)
        found = load_environment(given["environment"], sources_of(project)).values
        return [v.open() for v in found.values() if isinstance(v, Secret)]
    except FlowOpsError:
        return ()  # the command itself says what is wrong


def run() -> int:
    """Run the action in this process and return its exit code."""
    open_streams()
    signal.signal(signal.SIGTERM, interrupt)
    variables = dict(os.environ)
    # The token is for comments; nothing a command starts needs it.
    os.environ.pop(TOKEN, None)
    folder = Path(tempfile.mkdtemp(dir=variables.get("RUNNER_TEMP") or None))
    job = Job(
        variables=variables,
        folder=folder,
        run=main,
        reason=reason,
        secrets=secrets_of,
        token=lambda: token_hex(16),
        sleep=time.sleep,
    )
    try:
        return run_job(job)
    except KeyboardInterrupt:  # between two steps, where nothing has to be undone
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(run())
