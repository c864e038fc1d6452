"""A Flink session cluster as a target."""
