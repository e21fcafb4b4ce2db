"""The lint of the manuscript: numbers and comparisons that were typed and not computed, and references to nothing.

It reads Pandoc's syntax tree, never the source by patterns. What depends on the record (unknown keys, references,
citations, pictures) is found by the manuscript's own filters, which the lint runs; it is not written twice.
"""
