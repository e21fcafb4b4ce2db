"""The input: where flows come from, what they are, and their flow table."""
