"""The form of a dossier code as people write it, ours and other systems'. Pure.

`<agency>-<date>-<number>`: the agency as H17, H56.14 or 000.00.01.G03, the date as yyMMdd or yyyyMMdd, the
running
number with four digits or more (Circular 01/2018/TT-VPCP as practised).
"""
import re
import unicodedata
from datetime import datetime

LONGEST = 40
_CODE = re.compile(r"[A-Z0-9]{1,8}(?:\.[A-Z0-9]{1,8}){0,5}-(\d{6}|\d{8})-\d{4,8}", re.ASCII)
_DASHES = re.compile(r"[\u2010-\u2015\u2212_]")


def parse(typed: str) -> str | None:
    """The code that was meant, in its one written form, or None when it has not the form of a code.

    Small letters, blanks, long dashes and blanks in place of dashes are forgiven; a date that cannot be
    is not.
    """
    if len(typed) > 2 * LONGEST:
        return None
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", typed)).strip().upper()
    code = re.sub(r"\s+", "" if plain.count("-") >= 2 else "-", plain)
    code = re.sub("-+", "-", code)
    found = _CODE.fullmatch(code)
    return code if found and len(code) <= LONGEST and _is_day(found[1]) else None


def _is_day(digits: str) -> bool:
    try:
        datetime.strptime(digits, "%y%m%d" if len(digits) == 6 else "%Y%m%d")
    except ValueError:
        return False
    return True
