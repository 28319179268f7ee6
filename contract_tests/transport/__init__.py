"""The one way of every request: limits, guard, ledger, logins, and what comes back."""
