"""Write the workflows that others copy from those this repository runs itself.

Usage: workflow_templates.py [--check]. Where ours start an instance on the runner,
theirs take a role in their AWS account; where ours use this checkout, theirs name a
commit of FlowOps. Nothing else differs. ``--check`` writes nothing and ends with 1 when
a template is old.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / ".github/workflows"
THEIRS = ROOT / "templates/github"
NAMES = ("flows.yml", "promote.yml", "drift.yml")

USES = "      - uses: $/\n"
PINNED = (
    "      # The commit of FlowOps that you reviewed.\n"
    "      - uses: flowops/flowops@0000000000000000000000000000000000000000 # v0.1.0\n"
)
# A step of ours: from its name to the next step.
INSTANCE = re.compile(
    r"      - name: Start the instance of the example\n(?:        .*\n)+", re.MULTILINE
)
ROLE = """\
      - uses: aws-actions/configure-aws-credentials@{commit} # v6.2.3
        with:
          aws-region: ${{{{ vars.AWS_REGION }}}}
          role-to-assume: ${{{{ vars.{role} }}}}
          allowed-account-ids: ${{{{ vars.AWS_ACCOUNT_ID }}}}
"""
COMMIT = "e6de054238d6b7531b4efff3b6587d9aade6a06c"
READS = "contents: read # to read the flows\n"
TOKEN = "      id-token: write # to take the role in AWS\n"
MATRIX = re.compile(r"        include:\n(?:          .*\n)+")


def template(text: str) -> str:
    """Turn a workflow of ours into one to copy."""
    jobs = re.split(r"(?m)^(?=  [a-z-]+:\n    name: )", text)
    return "".join(_job(job) for job in jobs)


def _job(job: str) -> str:
    writes = "command: promote" in job
    role = "FLOWOPS_WRITE_ROLE" if writes else "FLOWOPS_READ_ROLE"
    if INSTANCE.search(job):
        job = job.replace(READS, READS + TOKEN)
        job = INSTANCE.sub(ROLE.format(commit=COMMIT, role=role), job)
    job = MATRIX.sub("        environment: [staging, production]\n", job)
    return job.replace(USES, PINNED)


def main() -> int:
    """Write the templates, or say which are old."""
    wanted = {THEIRS / n: template((OURS / n).read_text("utf-8")) for n in NAMES}
    old = [p for p, text in wanted.items() if not p.exists() or p.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in old:
            sys.stderr.write(f"{path.name} is old: run tools/workflow_templates.py\n")
        return 1 if old else 0
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
