"""The national report: built from the figures of a day, with the drafter's paragraphs; published frozen, as page, PDF,
workbook and open data."""
