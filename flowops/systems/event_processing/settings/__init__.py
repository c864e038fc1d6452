"""Connector options and references of a flow, and what is wrong with them."""
