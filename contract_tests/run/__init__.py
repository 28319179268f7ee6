"""Pytest's side of a run: options, plan, preflight, isolation and the ending."""
