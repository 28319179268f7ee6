"""What a run leaves: outcomes, coverage, verdict, and a file for each kind of reader."""
