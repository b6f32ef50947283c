"""The dossier code `<agency>-<yyMMdd>-<NNNN>`: an identifier, never a secret. Pure.

Structure: Circular 01/2018/TT-VPCP art. 19 as practised; the running number restarts each day for each
agency. Past 9,999 it widens to five digits instead of failing or starting again.
"""
from datetime import date


def compose(agency_code: str, day: date, number: int) -> str:
    """H17, 22 November 2026, 1 → H17-261122-0001."""
    if number < 1:
        raise ValueError("numbers start at 1")
    return f"{agency_code}-{day:%y%m%d}-{number:04}"
