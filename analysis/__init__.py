"""Computes: numbers in, numbers out. No drawing, no prose."""
