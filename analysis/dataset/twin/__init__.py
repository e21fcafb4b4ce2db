"""The synthetic twin: flows drawn from statistics of real ones."""
