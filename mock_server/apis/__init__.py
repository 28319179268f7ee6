"""The behaviour of each API; they know neither Flask nor each other."""
