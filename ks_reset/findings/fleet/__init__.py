"""Findings about a fleet as it is: what doctor reports."""
