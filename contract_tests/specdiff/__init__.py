"""Two states of a spec side by side: what changed for those who send requests, and for those who read answers."""
