"""The command `mock-server proxy`: a real server, with a judge of both directions in front of it."""
