"""Laws of behaviour over several requests, one a test."""
