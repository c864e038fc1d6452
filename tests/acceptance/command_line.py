"""The installed command, as a process of its own that sees nothing of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FLOWOPS = str(Path(sys.executable).with_name("flowops"))
TIME_LIMIT = 300


def variables(**more: str) -> dict[str, str]:
    """Return the fewest variables a process can live with, and these."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "NO_PROXY": "*",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **more,
    }


def flowops(
    *words: str, cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a folder, with nobody at the keyboard."""
    return subprocess.run(
        [FLOWOPS, *words],
        cwd=cwd,
        env=environment or variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=TIME_LIMIT,
    )


def popen(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """Start the command; what it says comes in one stream."""
    return subprocess.Popen(
        [FLOWOPS, *words],
        cwd=cwd,
        env=variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
