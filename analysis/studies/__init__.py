"""What publications of this data set claim, each under its own protocol, beside what this build measures."""
