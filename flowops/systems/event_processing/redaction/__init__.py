"""What is sensitive in an export, in SQL and in a target's files."""
