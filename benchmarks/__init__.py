"""What this project is measured against, and how: never part of a build or of a test's verdict."""
