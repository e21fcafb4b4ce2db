"""The second part of the paper: how far its numbers hold, and what they depend on."""
