"""How often each kind of interval that the paper prints holds the truth, by simulation."""
