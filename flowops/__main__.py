"""Run the command line: ``python -I -m flowops``."""

from __future__ import annotations

import sys

from flowops.cli import main

if __name__ == "__main__":
    sys.exit(main())
