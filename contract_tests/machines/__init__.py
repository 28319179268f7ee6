"""Sequences of requests that nobody wrote down."""
