"""Flink SQL as text: tokens, statements, types, and options changed in place."""
