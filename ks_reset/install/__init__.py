"""What is installed: which images, which configuration, as values and what ran before say. Pure."""
