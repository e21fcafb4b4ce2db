"""Where the source stopped, first part: what retraining brings as attacks arrive, and when it would be due."""
