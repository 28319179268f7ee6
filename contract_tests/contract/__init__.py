"""What the documents say: operations, overlays, checks of one answer, and findings and steps as values."""
