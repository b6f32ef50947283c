"""The national message formats, as the software of agencies already sends them: one address for each service."""
