"""Documents between agencies, for their systems: our own calls, and those of the national axis's client."""
