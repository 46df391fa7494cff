"""The controllers of the simulation, one a file."""
