"""Builders, fakes and comparisons that tests share."""
