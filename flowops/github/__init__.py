"""FlowOps as a GitHub Action: inputs in; summary, annotations, outputs, comment out.

The work itself is the command line's, in the same process; this room only speaks to
the runner and to GitHub. Nothing it fails at changes an exit code.
"""
