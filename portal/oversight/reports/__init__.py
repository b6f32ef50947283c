"""Reports that agencies owe: what they ask, who owes them, filling in, cross-checks, returning and approving."""
