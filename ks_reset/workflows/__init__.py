"""The commands without a terminal."""
