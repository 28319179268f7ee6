"""Who may do what, and that what is refused changes nothing."""
