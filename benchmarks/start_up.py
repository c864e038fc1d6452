"""How long the command line takes to say what it can do, in multiples of Typer's own.

Usage: python -m benchmarks.start_up [ROUNDS], in a project. At most 1.5 is wanted.
"""

from __future__ import annotations

import os
import sys

from benchmarks.timing import least_of_programs, tell

ROUNDS = 10
FLOWOPS = (sys.executable, "-m", "flowops")
COMPLETION = {
    "_FLOWOPS_COMPLETE": "complete_bash",
    "COMP_WORDS": "flowops pl",
    "COMP_CWORD": "1",
}
ENVIRONMENTS = COMPLETION | {"COMP_WORDS": "flowops plan ", "COMP_CWORD": "2"}


def main() -> None:
    """Print the ratio of each program to ``import typer``."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    plain = dict(os.environ)
    programs = {
        "import typer": ((sys.executable, "-c", "import typer"), plain),
        "--version": ((*FLOWOPS, "--version"), plain),
        "--help": ((*FLOWOPS, "--help"), plain),
        "plan --help": ((*FLOWOPS, "plan", "--help"), plain),
        "completion": (FLOWOPS, plain | COMPLETION),
        "environments": (FLOWOPS, plain | ENVIRONMENTS),
    }
    times = least_of_programs([*programs.values()], rounds)
    for name, seconds in zip(programs, times, strict=True):
        tell(f"{name:14} {seconds:.3f} s, ratio {seconds / times[0]:.2f}")


if __name__ == "__main__":
    main()
