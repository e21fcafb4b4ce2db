"""Computes: numbers in, numbers out. No drawing, no prose."""

import gc

# Most of what a step makes is imported once and stays, or is freed without a search; the default, a search for rubbish
# after every 700 objects, takes a tenth of a small build.
gc.set_threshold(50_000)
