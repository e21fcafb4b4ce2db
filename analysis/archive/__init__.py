"""A finished build as one file that says what it is made of, and the check of what was published, without trust."""
