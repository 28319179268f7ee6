"""Who asks: callers by role, what they make for a test, and what they expect."""
