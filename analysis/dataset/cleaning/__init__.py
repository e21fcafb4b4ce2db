"""What the study takes out, decision by decision."""
