"""Gathers a build's values and tables, sets them beside the source study's, and publishes the whole."""
