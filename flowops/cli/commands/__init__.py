"""What each command is called with: options, defaults and help, and no more."""
