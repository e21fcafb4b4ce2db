"""Writes: stages the manuscript with a build's record, renders it to HTML and PDF, and checks what came out."""
