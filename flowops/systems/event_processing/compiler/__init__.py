"""SQL out of a pipeline: one module per type of node, and what they share."""
