"""The verb ``plan``: make a plan, and turn it into what reports read."""
