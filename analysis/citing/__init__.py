"""Citing: the id of a build, the sentence that cites a number, references, and the check of what was published."""
