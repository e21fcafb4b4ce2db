"""The lint of the manuscript: what is typed that should have been computed, and what leads nowhere.

It reads Pandoc's syntax tree, never the source by patterns. What depends on the record (unknown keys, references,
citations, pictures) is found by the manuscript's own filters, which the lint runs; it is not written twice.
"""
