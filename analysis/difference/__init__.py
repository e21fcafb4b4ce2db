"""What differs between two published builds: foundations, claims, verdicts, numbers, rankings, and their sentences."""
