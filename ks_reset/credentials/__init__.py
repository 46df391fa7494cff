"""Credentials: the digests that replace them in facts, and the vault that keeps them encrypted."""
