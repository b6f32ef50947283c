"""Whether a page answers: asked as a browser would ask, from here, of an address that an overseer gave. The guarded
caller (kit.callout) sees that it leads to the open Internet, or to a network that the operators named."""
import html
from typing import NamedTuple

from flask import current_app

from portal.kit import callout
from portal.kit.text import N_, fold
from portal.oversight.probes.seen import Asked, Probe, Seen, Want

OK = 200
MOST_READ = 400_000
TIME_S = 10.0
ACCEPT = {"Accept": "text/html, */*;q=0.1", "User-Agent": "cong-dich-vu-cong (probe)"}


class Page(NamedTuple):
    """What to ask for at one agency; `address` "" where none was given for it."""

    agency_id: int
    address: str
    status: int
    words: str


def _gather(asked: Asked) -> list[Page]:
    own, for_all = addresses(asked.wanted["address"])
    return [Page(one.id, next((own[name] for name in (fold(one.key), fold(one.name)) if name in own), for_all),
                 int(asked.wanted["status"]), asked.wanted["words"]) for one in asked.agencies]


def _judge(pages: list[Page]) -> dict[int, Seen]:
    return {page.agency_id: _ask(page) for page in pages}


def _ask(page: Page) -> Seen:
    if not page.address:
        return Seen(None, {"why": "no_address"})
    facts = {"address": page.address}
    try:
        answer = callout.get(page.address, ACCEPT, current_app.config["CALL_NETWORKS"], longest_s=TIME_S,
                             most=MOST_READ)
    except callout.NotAllowed:
        return Seen(None, {"why": "not_allowed"} | facts)
    except callout.NotReached as error:
        return Seen(False, facts | {"error": str(error)[:200]})
    found = not page.words or _plain(page.words) in _plain(html.unescape(answer.body.decode("utf-8", "replace")))
    return Seen(answer.status == page.status and found, facts | {"status": answer.status} | (
        {"words": found} if page.words else {}))


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def addresses(text: str) -> tuple[dict[str, str], str]:
    """({agency: its address}, the address of all others): a line is an address, or an agency, "=" and its address."""
    own, for_all = {}, ""
    for line in text.splitlines():
        agency, equals, address = line.strip().partition("=")
        if equals and not agency.strip().startswith("https:"):
            own[fold(agency.strip())] = address.strip()
        elif line.strip():
            for_all = line.strip()
    return own, for_all


def _wrong_address(text: str) -> str:
    own, for_all = addresses(text)
    try:
        for address in (*own.values(), *([for_all] if for_all or not own else [])):
            callout.check(address, current_app.config["CALL_NETWORKS"])
    except callout.NotAllowed:
        return N_("Only addresses on the open Internet that begin with https:// and name no user can be asked")
    return ""


PROBES = {"page_answers": Probe(N_("A page answers"), wants={
    "address": Want(N_("Address"), "lines", most=4000, check=_wrong_address, help=N_(
        "https://… for all; or one a line, each agency with its own: H17 = https://…")),
    "status": Want(N_("It answers with the status"), default=OK, least=100, most=599),
    "words": Want(N_("Words that stand on it"), "text", "", most=200)}, gather=_gather, judge=_judge, alone=True)}
