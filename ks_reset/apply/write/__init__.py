"""Writes: one action as one request."""
