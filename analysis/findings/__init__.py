"""What the numbers are worth: the second part of the paper, which asks of them what an honest reader would."""
