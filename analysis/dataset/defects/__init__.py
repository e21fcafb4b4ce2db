"""Known defects of the data, counted."""
