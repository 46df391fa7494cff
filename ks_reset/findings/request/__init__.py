"""Findings about a request of the operator's."""
