"""Who may do what, and that a refused request changes nothing."""
