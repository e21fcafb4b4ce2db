"""A fitted model of a finished build as a detector: files that any tool can read, and commands that use them."""
