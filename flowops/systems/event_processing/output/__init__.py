"""The files of one environment, and what they say by meaning."""
