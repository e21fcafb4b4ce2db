"""What the numbers are worth: the second part of the paper, from conditions and their predictions."""
