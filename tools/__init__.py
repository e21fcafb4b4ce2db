"""What helps those who work on the project and no build needs."""
