"""Exports in: JSON of every generation, the zip, and SQL become a ``Pipeline``."""
