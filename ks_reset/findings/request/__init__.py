"""Findings about what the operator asked for."""
