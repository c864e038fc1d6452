"""Lay the blocks of a flow out readably, and change nothing else of its file."""

from flowops.arrange.arranging import Arranged, arrange_file

__all__ = ["Arranged", "arrange_file"]
