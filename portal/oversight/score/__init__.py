"""The score of Decision 766/QĐ-TTg of each agency and unit, measured live, with what is behind each lost point."""
