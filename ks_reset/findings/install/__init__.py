"""Findings about a planned installation."""
