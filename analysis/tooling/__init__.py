"""A detector at work: what it costs those who look at its alerts."""
