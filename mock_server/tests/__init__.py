"""Tests of the mock server's own insides: what it refuses, keeps, isolates and survives."""
