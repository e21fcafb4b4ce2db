"""The page for referees and teachers: evidence and switches of the pitfalls, what learnt from what, every value."""
