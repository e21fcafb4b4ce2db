"""The synthetic twin: flows drawn from statistics of real ones. What makes the statistics is in ``calibration``."""
