"""Indices and ranks over agencies: versions of their trees as data, values from surveys, imports, reports and live
measures, published rankings."""
