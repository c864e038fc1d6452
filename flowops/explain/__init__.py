"""Explanations: of a value of an environment, and of what a promote refuses."""
