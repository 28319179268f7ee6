"""One module for each revision. README.md tells how one is added; tests/test_migrations.py holds them against the tables."""
