"""Draws: one module per figure and one house style. A figure reads tables, never flows."""
