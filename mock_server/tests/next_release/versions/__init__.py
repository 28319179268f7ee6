"""What that release does to the tables."""
