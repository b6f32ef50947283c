"""Why a record is not taken, by the reasons of progress/rows.py: in our own words and in those of national messages."""
from collections.abc import Mapping

from portal.kit.i18n import Later, _l

REASON_WORDS: Mapping[str, Later] = {
    "missing": _l("A required field is missing"),
    "type": _l("A field is not of its type"),
    "code": _l("The dossier code has not the form of one"),
    "status_unknown": _l("The status is not one of the ten national ones"),
    "time": _l("A time is not RFC 3339 with its zone: 2026-11-20T08:30:00+07:00"),
    "future": _l("A time lies in the future"),
    "order": _l("The times are not in order"),
    "agency_foreign": _l("The dossier belongs to another agency"),
    "issued_here": _l("The code is one of this portal's own, which alone tells of its dossiers"),
    "agency_unknown": _l("The agency is not known here"),
    "procedure_unknown": _l("The procedure is not known here"),
    "dossier_unknown": _l("Kept until a record of the dossier names its procedure"),
    "channel": _l("The channel is not counter, online or post"),
    "level": _l("The level is not 1 to 4"),
    "too_long": _l("A field is too long"),
}
NATIONAL_WORDS: Mapping[str, Later] = {**REASON_WORDS, **{
    "time": _l("A time is neither yyyyMMddHHmmss nor any other form of a day with its hour"),
    "dossier_unknown": _l("Kept until the dossier itself arrives (DongBoHoSoMC)"),
    "channel": _l("The channel is not 1, 2 or 3"),
}}
