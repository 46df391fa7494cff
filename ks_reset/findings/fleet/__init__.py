"""Findings about a fleet as it is, as doctor reports them."""
