"""FlowOps: GitOps for flows of IBM Event Processing and Amazon Connect."""

__version__ = "0.1.0"
