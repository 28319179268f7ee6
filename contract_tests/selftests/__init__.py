"""The suite itself under test; these need the mock server."""
