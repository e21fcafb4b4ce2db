"""The conditions of a study as data: which there are, how flows are split, what is fitted."""
