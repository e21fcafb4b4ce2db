"""Verdicts on the claims of the source study: intervals, decisions, and one rule for each claim."""
