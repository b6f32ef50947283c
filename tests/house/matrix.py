"""Who gets what at which door. One row a route and method; a route without a row fails.

The dossier in question is the owner's, lies in a commune of agency H17 and is held by the holder: it is the owner's
own and everybody else's foreign one. `holder` and `colleague` are case officers of H17 as a whole, `in_unit` one of
that commune, `other_unit` one of another commune, `elsewhere` one of H26, `ended` one of H17 whose role has ended.
Everybody else has the name of the one role that they hold, at H17 or for the whole portal.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

HIGHEST = 2**31 - 1  # of no row
SIGN_IN = "to the sign-in page"
Expected = Mapping[str, int | str]

CITIZENS = ("owner", "other")
CASE_OFFICERS = ("holder", "colleague", "elsewhere", "in_unit", "other_unit")
ROLES = ("counter_officer", "head_of_unit", "clerk", "fee_collector", "result_officer", "drafter", "leader",
         "read_only", "agency_administrator", "overseer", "portal_administrator")
ACTORS = ("anonymous", *CITIZENS, *CASE_OFFICERS, "ended", *ROLES)

#: Whose role reads the dossiers of H17, and who may take one up that nobody holds.
READERS = ("holder", "colleague", "in_unit", "counter_officer", "head_of_unit", "clerk", "fee_collector",
           "result_officer", "leader", "read_only")
#: Who moves from hand to hand what a colleague holds.
MOVERS = ("head_of_unit", "agency_administrator")
#: Who speaks for H17 about the tasks that it has.
CLAIMERS = ("leader", "clerk")
#: Who reads the reports of H17, who fills them in; handing one in is the leader's.
REPORT_READERS, REPORTERS = ("overseer", "leader", "drafter", "clerk"), ("leader", "drafter")
#: Who registers the plans that H17 issued.
PLANNERS = ("leader", "clerk", "drafter")
#: Who reads the score of H17.
SCORERS = ("head_of_unit", "drafter", "leader")
RETURNERS = ("result_officer", "counter_officer", "head_of_unit")
TAKERS = ("holder", "colleague", "in_unit", "counter_officer", "head_of_unit")

#: The day of the national report that is published.
REPORTED: Mapping[str, Any] = {"day": "2017-03-31"}
#: Whose role reads all documents of H17; `in_unit` reads those of the commune, `elsewhere` those of H26.
DESK_OF_DOCUMENTS = ("holder", "colleague", "head_of_unit", "clerk", "leader", "read_only")
ASSIGNERS, WORKERS = ("clerk", "head_of_unit", "leader"), ("holder", "colleague", "head_of_unit")
SENDERS, WRITERS = ("clerk", "head_of_unit"), ("clerk", "holder", "colleague", "head_of_unit")


def everybody(status: int) -> Expected:
    return dict.fromkeys(ACTORS, status)


def stranger_else(status: int, signed_in: int) -> Expected:
    """Pages for people who have not signed in, such as the sign-in page itself."""
    return {**everybody(signed_in), "anonymous": status}


def signed_in(status: int) -> Expected:
    return {**everybody(status), "anonymous": SIGN_IN}


def only(actors: Iterable[str], status: int, others: int = 403) -> Expected:
    """These actors; the others have no such permission anywhere (403), or not with this thing (404)."""
    return {**signed_in(others), **dict.fromkeys(actors, status)}


def watchers(status: int) -> Expected:
    """Who watches over all connected systems, or over those of their own agency."""
    return only(("overseer", "portal_administrator", "agency_administrator"), status)


def experimenters(status: int) -> Expected:
    """Who has anything to do with documents between agencies."""
    return {**documents(status), **dict.fromkeys(("overseer", "portal_administrator", "agency_administrator"), status)}


def citizens(status: int) -> Expected:
    return only(CITIZENS, status)


def desks(status: int) -> Expected:
    """Whoever reads dossiers somewhere."""
    return only({*READERS, *CASE_OFFICERS}, status)


def documents(status: int, *actors: str) -> Expected:
    """Whoever reads documents somewhere."""
    return only(actors or (*DESK_OF_DOCUMENTS, *CASE_OFFICERS), status)


def at_desk(status: int, *actors: str) -> Expected:
    """These of those who read the documents of H17 (all of them); for everybody else they are not there."""
    return only(actors or DESK_OF_DOCUMENTS, status, 404)


def senders(status: int, in_a_unit: int) -> Expected:
    """Whoever may send progress; of a unit of an agency only, nobody may for the whole of it."""
    return {**only((*CASE_OFFICERS, "head_of_unit"), status), "in_unit": in_a_unit, "other_unit": in_a_unit}


def managers(status: int) -> Expected:
    """Who manages people: of the portal, and of their own agency."""
    return only(("portal_administrator", "agency_administrator"), status)


def administrators(status: int) -> Expected:
    return only(("portal_administrator",), status)


def matchers(status: int) -> Expected:
    """Who says what a message means that nobody understood."""
    return only(("clerk", "portal_administrator"), status)


def overseers(status: int) -> Expected:
    return only(("overseer",), status)


def own_draft(status: int) -> Expected:
    return only(("owner",), status, 404)


def some(actors: Iterable[str], status: int) -> Expected:
    """These actors; whoever reads the dossier on the desk is told who holds it (403), for others it is not there."""
    return {**only(READERS, 403, 404), **dict.fromkeys(actors, status)}


def owner(status: int) -> Expected:
    return some(("owner",), status)


def readers(status: int) -> Expected:
    return only(READERS, status, 404)


def lookers(own: Iterable[str]) -> Expected:
    """Who may read it: these at once, as their own work; the others say first why."""
    return {**readers(303), **dict.fromkeys(own, 200)}


def takers(status: int) -> Expected:
    return some(TAKERS, status)


def holder(status: int, *also: str) -> Expected:
    return some(("holder", *also), status)


@dataclass(frozen=True)
class Row:
    """`state`: of the dossier in the address; "answered" was asked for papers after its receipt, and has them. `args`:
    the rest of the address. `data`: what is posted."""

    method: str
    endpoint: str
    expected: Expected
    state: str = "submitted"
    args: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.endpoint} ({self.state})"


SERVICE = {"agency": "H17", "code": "1.001193"}
MINE, WAITS = {"participant_id": "<participant mine>"}, {"participant_id": "<participant asked>"}

ROWS = (
    # for everybody
    Row("GET", "healthz", everybody(200)),
    Row("GET", "readyz", everybody(503)),  # no worker beats in a test
    Row("GET", "public.home", everybody(200)),
    Row("GET", "public.services", everybody(200)),
    Row("GET", "public.suggest", everybody(200)),
    Row("GET", "public.procedure", everybody(200), args={"code": "1.001193"}),
    Row("GET", "public.service", everybody(200), args=SERVICE),
    Row("GET", "public.blank_form", everybody(200), args=SERVICE),
    Row("GET", "public.agencies", everybody(200)),
    Row("GET", "public.sectors", everybody(200)),
    Row("GET", "public.about", everybody(200)),
    Row("GET", "public.wards", everybody(200), args={"gso": "48"}),
    Row("GET", "public.robots", everybody(200)),
    Row("GET", "progress.nation", everybody(200)),
    Row("GET", "progress.agency", everybody(200), args={"key": "H17"}),
    Row("GET", "progress.nation_file", everybody(200), args={"table": "months", "form": "csv"}),
    Row("GET", "progress.agency_file", everybody(200), args={"key": "H17", "table": "sectors", "form": "json"}),
    Row("GET", "progress.sector_file", everybody(200), args={"slug": "ho-tich", "table": "months", "form": "csv"}),
    Row("GET", "progress.groups_file", everybody(200), args={"table": "groups", "form": "json"}),
    Row("GET", "progress.show", everybody(200), args={"key": "<code>"}),
    Row("GET", "progress.calibration", everybody(200)),
    Row("GET", "progress.connections", everybody(200)),
    Row("GET", "progress.connections_file", everybody(200), args={"form": "csv"}),
    Row("GET", "progress.connections_table", everybody(200), args={"table": "agencies", "form": "json"}),
    Row("GET", "progress.sectors", everybody(200)),
    Row("GET", "progress.sector", everybody(200), args={"slug": "ho-tich"}),
    Row("GET", "progress.procedure", everybody(200), args={"code": "1.001193"}),
    Row("GET", "progress.procedure_file", everybody(200), args={
        "code": "1.001193", "table": "compared", "form": "csv"}),
    Row("GET", "progress.levels", everybody(200)),
    Row("GET", "progress.channels", everybody(200)),
    Row("GET", "progress.group", everybody(200), args={"group": "provinces"}),
    Row("GET", "progress.publishers", everybody(200)),
    Row("GET", "progress.publisher", everybody(200), args={"key": "H17"}),
    Row("GET", "progress.services_by_level", everybody(200)),
    Row("GET", "progress.oversight", everybody(200)),
    Row("GET", "progress.oversight_json", everybody(200)),
    Row("GET", "progress.oversight_csv", everybody(200)),
    Row("GET", "progress.agency_figures", everybody(200), args={"key": "H17"}),
    Row("GET", "progress.indicator", everybody(200), args={"key": "connected"}),
    Row("GET", "progress.indicator_json", everybody(200), args={"key": "connected"}),
    Row("GET", "progress.indicator_csv", everybody(200), args={"key": "connected"}),
    Row("GET", "progress.score", everybody(200)),
    Row("GET", "progress.score_file", everybody(404)),  # nothing is published yet
    Row("GET", "progress.score_of", everybody(404), args={"agency": "H17"}),
    Row("GET", "progress.score_of_file", everybody(404), args={"agency": "H17"}),
    Row("GET", "progress.national_reports", everybody(200)),
    Row("GET", "progress.national_report", everybody(200), args=REPORTED),
    Row("GET", "progress.national_report", everybody(404), args={"day": "2017-04-31"}),
    Row("GET", "progress.national_report_file", everybody(200), args=REPORTED),
    Row("GET", "progress.national_report_table", everybody(200), args=REPORTED),
    Row("GET", "progress.national_report_text", everybody(200), args=REPORTED),
    Row("GET", "progress.national_report_drawn", everybody(303), args={**REPORTED, "form": "pdf"}),
    Row("GET", "progress.indices", everybody(200)),
    Row("GET", "progress.indices_file", everybody(200)),
    Row("GET", "progress.index_of", everybody(200), args={"key": "egdi"}),
    Row("GET", "progress.index_file", everybody(200), args={"key": "egdi"}),
    Row("GET", "progress.index_member", everybody(404), args={"key": "agency-rating", "member": "H17"}),
    Row("GET", "progress.tasks", everybody(200)),
    Row("GET", "progress.tasks_file", everybody(200)),
    Row("GET", "progress.tasks_of", everybody(200), args={"agency": "H17"}),
    Row("GET", "progress.open_data", everybody(200)),
    Row("GET", "progress.open_data_catalogue", everybody(200)),
    Row("GET", "progress.open_data_dictionary", everybody(200)),
    Row("GET", "progress.open_data_file", everybody(404), args={"name": "none"}),
    Row("GET", "progress.verify", everybody(200)),
    Row("POST", "progress.verify_file", everybody(400)),
    Row("GET", "progress.verify_code", everybody(200), args={"code": "<paper code>"}),
    # machines: opened by a key, which no cookie replaces
    Row("GET", "api.index", everybody(200)),
    Row("GET", "api.openapi", everybody(200)),
    Row("GET", "api.record", everybody(200), args={"code": "<code>"}),
    Row("GET", "api.changes", everybody(200)),
    Row("GET", "api.connections", everybody(200)),
    Row("POST", "api.batches", everybody(401)),
    Row("POST", "api.national_service", everybody(200), args={"service": "LayThuTuc"}),  # error_code says 40
    Row("POST", "api.national_message", everybody(200)),
    Row("POST", "api.national_session", everybody(413)),
    Row("GET", "api.national_asked", everybody(200), args={"service": "LayThuTuc"}),
    # the national axis's client: what it says wrongly stands in the answer
    Row("POST", "api.axis", everybody(200), args={"call": "getAgenciesList"}),
    Row("GET", "api.axis", everybody(200), args={"call": "getAgenciesList"}),
    Row("GET", "exchange_api.index", everybody(200)),
    Row("GET", "exchange_api.openapi", everybody(200)),
    Row("GET", "exchange_api.waiting", everybody(401)),
    Row("GET", "exchange_api.get", everybody(401), args={"message_id": 1}),
    Row("GET", "exchange_api.states", everybody(401), args={"which": "1"}),
    Row("GET", "exchange_api.directory", everybody(401)),
    Row("POST", "exchange_api.send", everybody(401)),
    Row("POST", "exchange_api.acknowledge", everybody(401), args={"message_id": 1}),
    # accounts
    Row("GET", "account.sign_in", stranger_else(200, 303)),
    Row("POST", "account.sign_in", stranger_else(422, 303)),
    Row("POST", "account.sign_out", everybody(303)),
    Row("GET", "account.register", everybody(200)),
    Row("POST", "account.register", everybody(422)),
    Row("GET", "account.register_code", everybody(303)),
    Row("POST", "account.register_code", everybody(303)),
    Row("GET", "account.register_details", everybody(303)),
    Row("POST", "account.register_details", everybody(303)),
    Row("GET", "account.reset", everybody(200)),
    Row("POST", "account.reset", everybody(422)),
    Row("GET", "account.reset_code", everybody(303)),
    Row("POST", "account.reset_code", everybody(303)),
    Row("GET", "account.reset_password", everybody(303)),
    Row("POST", "account.reset_password", everybody(303)),
    Row("GET", "account.demo_messages", everybody(404)),  # this house is no demonstration
    Row("GET", "account.profile", signed_in(200)),
    Row("POST", "account.profile", signed_in(303), data={"name": "Nguyễn Thị Ánh", "language": "vi"}),
    Row("GET", "account.my_notices", signed_in(200)),
    Row("POST", "account.read_notices", signed_in(303)),
    Row("POST", "account.end_sessions", signed_in(303)),
    Row("POST", "account.end_session", signed_in(404), args={"sign_in_id": "1000000"}),
    Row("GET", "account.kept", signed_in(404), args={"name": "0" * 32}),
    Row("GET", "account.contact", signed_in(200)),
    Row("POST", "account.contact", signed_in(422)),
    Row("GET", "account.contact_code", signed_in(303)),
    Row("POST", "account.contact_code", signed_in(303)),
    Row("GET", "account.close", citizens(200)),
    Row("POST", "account.close", citizens(422)),
    Row("GET", "account.password", signed_in(200)),
    Row("POST", "account.password", signed_in(422)),
    Row("GET", "account.second_factor", everybody(303)),  # nobody here waits for a second factor
    Row("POST", "account.second_factor", everybody(303)),
    Row("GET", "account.set_up", everybody(303)),
    Row("POST", "account.set_up", everybody(303)),
    Row("GET", "account.go_on", signed_in(303)),
    Row("POST", "account.show_passkey", everybody(404)),
    Row("POST", "account.make_passkey", {**everybody(200), "anonymous": 404}),
    Row("POST", "account.add_passkey", {**everybody(303), "anonymous": 404}),
    Row("GET", "account.confirm", signed_in(200)),
    Row("POST", "account.confirm", signed_in(422)),
    Row("GET", "account.security", signed_in(200)),
    Row("GET", "account.add_app", signed_in(200)),
    Row("POST", "account.add_app", signed_in(422)),
    Row("POST", "account.remove_factor", signed_in(404), args={"factor_id": "1"}),
    Row("POST", "account.new_codes", signed_in(404)),
    # the applicant
    Row("GET", "citizen.dossiers", citizens(200)),
    Row("POST", "citizen.read_messages", citizens(303)),
    Row("GET", "citizen.apply", citizens(200), args=SERVICE),
    Row("POST", "citizen.begin", citizens(303), args=SERVICE),
    Row("GET", "citizen.draft", own_draft(200), "draft"),
    Row("GET", "citizen.draft", owner(303)),
    Row("GET", "citizen.fill", own_draft(200), "draft", args={"step": "papers"}),
    Row("POST", "citizen.fill", own_draft(303), "draft", args={"step": "papers"}),
    Row("GET", "citizen.commune", own_draft(200), "draft"),
    Row("POST", "citizen.commune", own_draft(303), "draft", data={"commune": "20242"}),
    Row("GET", "citizen.commune", owner(303)),
    Row("GET", "citizen.check", own_draft(200), "draft"),
    Row("POST", "citizen.check", own_draft(303), "draft", data={"true": "1"}),
    Row("POST", "citizen.discard", own_draft(303), "draft"),
    Row("GET", "citizen.show", owner(200)),
    Row("GET", "citizen.show", own_draft(303), "draft"),
    Row("GET", "citizen.due_date", owner(200), "received"),
    Row("GET", "citizen.answer", owner(200), "waiting"),
    Row("POST", "citizen.answer", owner(303), "waiting", data={"reply": "Đã gửi bản gốc qua bưu điện"}),
    Row("GET", "citizen.withdraw", owner(200)),
    Row("POST", "citizen.withdraw", owner(303)),
    Row("GET", "citizen.attachment", owner(200), args={"attachment_id": "<attachment>"}),
    Row("GET", "citizen.attachment", own_draft(200), "draft", args={"attachment_id": "<attachment>"}),
    Row("GET", "citizen.paper", owner(200), "received", args={"paper_id": "<paper>"}),
    # the agency
    Row("GET", "officer.queue", desks(200)),
    Row("POST", "officer.queue", desks(200), data={"q": "Nguyễn Thị Ánh"}),
    Row("GET", "officer.show", lookers(TAKERS)),
    Row("GET", "officer.show", lookers(("holder",)), "checking"),
    Row("GET", "officer.show", signed_in(404), "draft"),
    Row("GET", "officer.why", readers(200)),
    Row("GET", "officer.why", signed_in(404), "draft"),
    Row("POST", "officer.why", readers(422), "checking"),
    Row("POST", "officer.why", readers(303), "checking", data={"reason": "applicant"}),
    Row("GET", "officer.attachment", lookers(TAKERS), args={"attachment_id": "<attachment>"}),
    # there is something to replace only where a scanner found something
    *(Row(method, "citizen.replace", owner(404), args={"attachment_id": "<attachment>"}) for method in ("GET", "POST")),
    Row("GET", "officer.attachment", signed_in(404), "draft", args={"attachment_id": "<attachment>"}),
    Row("GET", "officer.paper", lookers(("holder",)), "received", args={"paper_id": "<paper>"}),
    Row("POST", "officer.claim", takers(303)),
    Row("POST", "officer.claim", signed_in(404), "draft"),
    Row("POST", "officer.claim", takers(409), "checking"),
    Row("POST", "officer.release", holder(303, *MOVERS), "checking"),
    Row("GET", "officer.assign", holder(200, *MOVERS), "waiting"),
    Row("POST", "officer.assign", holder(303, *MOVERS), "waiting", data={"to": "<colleague>"}),
    Row("GET", "officer.transfer", holder(200, *MOVERS), "decided"),
    Row("POST", "officer.transfer", holder(303, *MOVERS), "decided", data={
        "unit": "<unit>", "reason": "Thuộc thẩm quyền của đơn vị khác"}),
    Row("GET", "officer.accept", holder(200), "checking"),
    Row("POST", "officer.accept", holder(303), "checking"),
    Row("POST", "officer.accept", some((), 403)),  # nobody holds it yet: nobody may
    Row("POST", "officer.process", holder(303), "received"),
    Row("GET", "officer.ask", holder(200), "checking"),
    Row("POST", "officer.ask", holder(303), "received", data={
        "asked": "other", "other_name": "Sổ hộ khẩu", "reason_other": "Cần đối chiếu"}),
    Row("GET", "officer.ask_again", some(("head_of_unit",), 200), "answered"),
    Row("POST", "officer.ask_again", some(("head_of_unit",), 303), "answered", data={
        "asked": "other", "other_name": "Sổ hộ khẩu", "reason_other": "Cần đối chiếu",
        "head_reason": "Luật chuyên ngành cho phép"}),
    Row("GET", "officer.amend", holder(200), "waiting"),
    Row("POST", "officer.amend", holder(303), "waiting", data={
        "asked": "other", "other_name": "Sổ hộ khẩu", "reason_other": "Cần đối chiếu"}),
    Row("GET", "officer.take_back", holder(200), "asked"),
    Row("POST", "officer.take_back", holder(303), "asked"),
    Row("GET", "officer.extend", holder(200), "processing"),
    Row("POST", "officer.extend", holder(303), "processing", data={
        "day-day": "1", "day-month": "11", "day-year": "2027", "reason": "Chờ ý kiến của cơ quan khác"}),
    Row("GET", "officer.due_date", lookers(("holder",)), "received"),
    Row("GET", "officer.due_date", lookers(TAKERS)),
    Row("GET", "officer.refuse", holder(200), "checking"),
    Row("POST", "officer.refuse", holder(303), "checking", data={"reason": "Không thuộc thẩm quyền"}),
    Row("GET", "officer.decide", holder(200), "processing"),
    Row("POST", "officer.decide", holder(303), "processing", data={"outcome": "granted"}),
    Row("GET", "officer.hand_over", holder(200, *RETURNERS), "decided"),
    Row("POST", "officer.hand_over", holder(303, *RETURNERS), "decided", data={"on_paper": "1"}),
    # of another agency, about a dossier that one holds
    Row("GET", "officer.ask_opinion", holder(200, "head_of_unit"), "processing"),
    Row("POST", "officer.ask_opinion", holder(422, "head_of_unit"), "processing"),
    *(Row(method, "officer.note_answer", holder(404, "head_of_unit"), "processing", args={"opinion_id": 1})
      for method in ("GET", "POST")),  # nothing was asked
    Row("GET", "officer.opinion_file", {**readers(303), "holder": 404}, "processing", args={
        "opinion_id": 1, "attachment_id": "<attachment>"}),
    Row("POST", "officer.take_out", holder(404, *RETURNERS), "decided", args={
        "attachment_id": "<attachment>"}),  # which is no result
    Row("GET", "officer.progress_upload", senders(200, 403)),
    Row("POST", "officer.progress_upload", senders(422, 403)),
    Row("GET", "officer.upload_template", senders(200, 200), args={"form": "xlsx"}),
    Row("GET", "officer.upload_check", senders(404, 404), args={"upload_id": "none"}),
    Row("POST", "officer.upload_send", senders(404, 404), args={"upload_id": "none"}),
    Row("GET", "officer.upload_progress", senders(404, 404), args={"upload_id": "none"}),
    Row("GET", "officer.upload_errors", senders(404, 404), args={"upload_id": "none"}),
    # the keepers of the house
    Row("GET", "admin.people", managers(200)),
    Row("POST", "admin.people", managers(200), data={"q": "anh"}),
    Row("GET", "admin.add_person", managers(200)),
    Row("POST", "admin.add_person", managers(422)),
    Row("GET", "admin.person", managers(200), args={"person_id": "<colleague>"}),
    Row("POST", "admin.person", managers(422), args={"person_id": "<colleague>"}),
    Row("GET", "admin.person", {**administrators(200), "agency_administrator": 404},
        args={"person_id": "<elsewhere>"}),  # another agency's
    Row("GET", "admin.end_role", managers(200), args={"person_id": "<colleague>", "membership_id": "<role>"}),
    Row("GET", "admin.deactivate", managers(200), args={"person_id": "<colleague>"}),
    Row("GET", "admin.stranded", managers(200)),
    Row("POST", "admin.end_role", managers(303), args={"person_id": "<colleague>", "membership_id": "<role>"}),
    Row("POST", "admin.end_role", {**administrators(303), "agency_administrator": 404},
        args={"person_id": "<elsewhere>", "membership_id": "<role elsewhere>"}),
    Row("POST", "admin.deactivate", managers(303), args={"person_id": "<colleague>"}),
    Row("POST", "admin.deactivate", {**administrators(303), "agency_administrator": 404},
        args={"person_id": "<elsewhere>"}),
    Row("POST", "admin.activate", managers(303), args={"person_id": "<colleague>"}),
    Row("GET", "admin.recover", managers(200), args={"person_id": "<colleague>"}),
    Row("POST", "admin.recover", managers(303), args={"person_id": "<colleague>"}, data={"reason": "Mất điện thoại"}),
    Row("GET", "admin.recover", {**administrators(200), "agency_administrator": 404},
        args={"person_id": "<elsewhere>"}),
    Row("POST", "admin.grant_recovery", managers(303), args={"person_id": "<colleague>"}),  # nobody asked
    Row("POST", "admin.refuse_recovery", managers(303), args={"person_id": "<colleague>"}),
    Row("POST", "admin.end_sessions", managers(303), args={"person_id": "<colleague>"}),
    Row("POST", "admin.first_password", managers(409), args={"person_id": "<colleague>"}),  # has an own one
    Row("GET", "admin.citizens", administrators(200)),
    Row("POST", "admin.citizens", administrators(422)),
    Row("GET", "admin.citizen", administrators(404), args={"person_id": "<colleague>"}),
    Row("POST", "admin.citizen", administrators(404), args={"person_id": "<colleague>"}),
    Row("POST", "admin.take_factors_away", administrators(404), args={"person_id": "<colleague>"}),
    Row("POST", "admin.end_suspension", administrators(404), args={"person_id": "<colleague>"}),
    Row("GET", "admin.units", managers(200)),
    Row("GET", "admin.add_unit", managers(200), args={"agency": "H17"}),
    Row("GET", "admin.add_unit", {**administrators(200), "agency_administrator": 404}, args={"agency": "H26"}),
    Row("POST", "admin.add_unit", managers(303), args={"agency": "H17"}, data={
        "kind": "department", "name": "Sở Xây dựng"}),
    Row("GET", "admin.unit", managers(200), args={"unit_id": "<unit>"}),
    Row("POST", "admin.unit", managers(303), args={"unit_id": "<unit>"}, data={"sector": "ho-tich"}),
    Row("GET", "admin.unit", {**administrators(200), "agency_administrator": 404},
        args={"unit_id": "<unit elsewhere>"}),
    Row("POST", "admin.unit", {**administrators(303), "agency_administrator": 404},
        args={"unit_id": "<unit elsewhere>"}, data={"sector": "ho-tich"}),
    Row("POST", "admin.remove_competence", managers(303), args={"unit_id": "<unit>", "competence_id": "1"}),
    Row("POST", "admin.remove_competence", {**administrators(303), "agency_administrator": 404},
        args={"unit_id": "<unit elsewhere>", "competence_id": "1"}),
    Row("GET", "admin.agencies", administrators(200)),
    Row("GET", "admin.security", managers(200)),
    Row("GET", "admin.jobs", administrators(200)),
    Row("GET", "admin.code_clashes", administrators(200)),
    Row("GET", "admin.mapping_waiting", administrators(200)),
    Row("GET", "admin.mapping_known", administrators(200)),
    Row("GET", "admin.map_word", administrators(404), args={"agency_id": "1", "reason": "status_unknown"}),
    Row("POST", "admin.map_word", administrators(404), args={"agency_id": "1", "reason": "status_unknown"}),
    Row("GET", "admin.mapping_taken", administrators(404), args={"last_id": "1"}),
    Row("POST", "admin.retry_job", administrators(303), args={"job_id": "<job>"}),
    Row("POST", "admin.give_up_job", administrators(303), args={"job_id": "<job>"}),
    # who is connected: of all agencies for the nation's roles, of the own for its administrator
    Row("GET", "government.connections", only(("overseer", "portal_administrator", "agency_administrator"), 200)),
    Row("GET", "government.agency_connections", only(("overseer", "portal_administrator", "agency_administrator"), 200),
        args={"key": "H17"}),
    Row("GET", "government.agency_connections", {
        **only(("overseer", "portal_administrator"), 200), "agency_administrator": 404}, args={"key": "H26"}),
    # the laboratory, and how each system's messages depart from the standard
    Row("GET", "government.laboratory", experimenters(200)),
    Row("POST", "government.laboratory", experimenters(422), data={"pasted": "<edXML"}),
    Row("GET", "government.conformance", watchers(200)),
    Row("GET", "government.system_conformance", watchers(200), args=MINE),
    Row("GET", "government.system_conformance", {**watchers(200), "agency_administrator": 404}, args={
        "participant_id": "<participant elsewhere>"}),
    # the score of Decision 766: of one's own agency, and of all for who watches
    Row("GET", "government.score", only(SCORERS, 303)),
    Row("GET", "government.score_of", only((*SCORERS, "overseer"), 200), args={"agency": "H17"}),
    Row("GET", "government.score_of", {**only(SCORERS, 404), "overseer": 200}, args={"agency": "H26"}),
    Row("GET", "government.score_indicator", only((*SCORERS, "overseer"), 200), args={
        "agency": "H17", "indicator": "progress"}),
    Row("POST", "government.measure_score", only((*SCORERS, "overseer"), 303), args={"agency": "H17"}),
    Row("GET", "government.score_board", overseers(200)),
    Row("POST", "government.measure_scores", overseers(303)),
    Row("POST", "government.publish_score", overseers(422)),  # the month still runs
    Row("GET", "government.score_answers", overseers(200)),
    Row("POST", "government.score_answers", overseers(422)),
    # tasks that the Government gave: who watches them, and the agencies that have them
    Row("GET", "government.rankings", overseers(200)),
    Row("GET", "government.ranking", overseers(200), args={"key": "agency-rating", "year": 2026}),
    Row("GET", "government.survey_template", overseers(200), args={"key": "agency-rating", "year": 2026}),
    Row("POST", "government.measure_index", overseers(303), args={"key": "agency-rating", "year": 2026}),
    Row("POST", "government.take_survey", overseers(422), args={"key": "agency-rating", "year": 2026}),
    Row("POST", "government.say_value", overseers(422), args={"key": "agency-rating", "year": 2026}),
    Row("POST", "government.publish_index", overseers(409), args={"key": "agency-rating", "year": 2026}),
    Row("GET", "government.directives", overseers(200)),
    Row("GET", "government.new_directive", overseers(200)),
    Row("POST", "government.new_directive", overseers(422)),
    Row("GET", "government.directive", overseers(200), args={"directive_id": "<directive>"}),
    Row("GET", "government.directive_list", overseers(200)),
    Row("GET", "progress.tasks_table", everybody(200)),
    Row("GET", "progress.tasks_of_file", everybody(200), args={"agency": "H17", "form": "json"}),
    Row("GET", "progress.directives", everybody(200)),
    Row("GET", "progress.directives_file", everybody(200), args={"form": "csv"}),
    Row("GET", "progress.directive", everybody(200), args={"directive_id": "<directive>"}),
    Row("GET", "progress.directive_file", everybody(200), args={"directive_id": "<directive>", "form": "json"}),
    Row("GET", "government.import_directives", overseers(200)),
    Row("POST", "government.import_directives", overseers(422)),
    Row("GET", "government.import_template", overseers(200)),
    Row("GET", "government.directive_import", overseers(404), args={"import_id": HIGHEST}),
    Row("POST", "government.load_import", overseers(404), args={"import_id": HIGHEST}),
    Row("GET", "government.import_errors", overseers(404), args={"import_id": HIGHEST, "form": "csv"}),
    Row("POST", "government.say_condition_met", overseers(422), args={"directive_id": "<directive>"}),
    Row("GET", "government.remind_late", overseers(200), args={"directive_id": "<directive>"}),
    Row("POST", "government.remind_late", overseers(409), args={"directive_id": "<directive>"}),
    Row("GET", "government.remind_task", overseers(200), args={"task_id": "<task open>"}),
    Row("POST", "government.remind_task", overseers(303), args={"task_id": "<task open>"}),
    Row("POST", "government.remind_task", overseers(409), args={"task_id": "<task done>"}),
    Row("GET", "government.agency_tasks", only(("overseer", "drafter", *CLAIMERS), 200)),
    Row("GET", "government.task", only(("overseer", "drafter", *CLAIMERS), 200), args={"task_id": "<task open>"}),
    Row("POST", "government.claim_task", only(CLAIMERS, 303), args={"task_id": "<task open>"}, data={
        "claim-words": "Đã xong, có văn bản kèm theo"}),
    Row("POST", "government.write_about_task", {**only(CLAIMERS, 303), "leader": 403}, args={"task_id": "<task open>"}),
    Row("POST", "government.claim_task", only(CLAIMERS, 409), args={"task_id": "<task done>"}, data={
        "claim-words": "Đã xong, có văn bản kèm theo"}),
    Row("POST", "government.ask_for_time", only(CLAIMERS, 422), args={"task_id": "<task open>"}),
    Row("POST", "government.decide_time", overseers(303), args={"task_id": "<task time>"}, data={
        "decide-answer": "give"}),
    Row("POST", "government.close_task", overseers(422), args={"task_id": "<task claimed>", "act": "verify"}),
    Row("POST", "government.close_task", overseers(303), args={"task_id": "<task claimed>", "act": "verify"}, data={
        "verify-words": "Xem trên hệ thống"}),
    Row("POST", "government.close_task", overseers(409), args={"task_id": "<task open>", "act": "reopen"}, data={
        "reopen-words": "Nhầm"}),
    # reports: of one's own agency, of all for who watches
    Row("GET", "government.reports", only(REPORT_READERS, 200)),
    Row("GET", "government.report", only(REPORT_READERS, 200), args={"report_id": "<report open>"}),
    Row("GET", "government.report", {**only(REPORT_READERS, 404), "overseer": 200}, args={
        "report_id": "<report elsewhere>"}),
    Row("POST", "government.begin_report", only(REPORTERS, 303), args={"report_id": "<report owed>"}),
    Row("POST", "government.fill_report_again", only(REPORTERS, 303), args={"report_id": "<report open>"}),
    Row("POST", "government.fill_report_again", only(REPORTERS, 409), args={"report_id": "<report submitted>"}),
    Row("GET", "government.fill_report", only(REPORTERS, 200), args={"report_id": "<report open>", "step": "totals"}),
    Row("GET", "government.fill_report", only(REPORTERS, 404), args={"report_id": "<report elsewhere>",
                                                                     "step": "totals"}),
    Row("GET", "government.fill_report", only(REPORTERS, 404), args={"report_id": "<report open>", "step": "nothing"}),
    Row("POST", "government.fill_report", only(REPORTERS, 422), args={"report_id": "<report open>", "step": "totals"}),
    Row("POST", "government.fill_report", only(REPORTERS, 409), args={"report_id": "<report approved>",
                                                                      "step": "totals"}),
    Row("GET", "government.report_file", only(REPORT_READERS, 200), args={
        "report_id": "<report whole>", "attachment_id": "<report file>"}),
    Row("GET", "government.report_file", only(REPORT_READERS, 404), args={
        "report_id": "<report open>", "attachment_id": "<report file>"}),
    Row("GET", "government.check_report", only(REPORTERS, 200), args={"report_id": "<report whole>"}),
    Row("POST", "government.check_report", only(REPORTERS, 303), args={"report_id": "<report whole>"}),
    Row("POST", "government.submit_report", only(("leader",), 303), args={"report_id": "<report whole>"}),
    Row("POST", "government.submit_report", only(("leader",), 422), args={"report_id": "<report open>"}),
    Row("POST", "government.submit_report", only(("leader",), 404), args={"report_id": "<report elsewhere>"}),
    Row("GET", "government.review_report", overseers(200), args={"report_id": "<report submitted>"}),
    Row("POST", "government.decide_report", overseers(303), args={"report_id": "<report submitted>", "act": "approve"}),
    Row("POST", "government.decide_report", overseers(422), args={"report_id": "<report submitted>", "act": "return"}),
    Row("POST", "government.decide_report", overseers(303), args={"report_id": "<report submitted>", "act": "return"},
        data={"comment-total_settled": "Xem lại"}),
    Row("POST", "government.decide_report", overseers(409), args={"report_id": "<report open>", "act": "approve"}),
    # periods of reports for who watches them; plans of the agencies that issue them
    Row("GET", "progress.agency_reports", everybody(200)),
    Row("GET", "progress.agency_reports_file", everybody(200)),
    Row("GET", "progress.agency_reports_of", everybody(200), args={
        "template": "<template>", "period": "<period name>"}),
    Row("GET", "progress.agency_reports_of", everybody(404), args={"template": "<template>", "period": "2011-Q1"}),
    Row("GET", "progress.agency_reports_of_file", everybody(200), args={
        "template": "<template>", "period": "<period name>"}),
    Row("GET", "progress.action_plans", everybody(200)),
    Row("GET", "progress.action_plans_file", everybody(200)),
    Row("GET", "progress.action_plan_file", everybody(200), args={"plan_id": "<plan elsewhere>"}),
    Row("GET", "progress.action_plan_file", everybody(404), args={"plan_id": "<plan mine>"}),
    Row("GET", "government.report_periods", overseers(200)),
    Row("GET", "government.open_report_period", overseers(200), args={"template": "<template>"}),
    Row("GET", "government.open_report_period", overseers(404), args={"template": "nothing"}),
    Row("POST", "government.open_report_period", overseers(422), args={"template": "<template>"}),
    Row("POST", "government.open_report_period", overseers(303), args={"template": "<template>"}, data={
        "period": "<period name>", "group": "group"}),
    Row("GET", "government.report_period", overseers(200), args={"period_id": "<period>"}),
    Row("POST", "government.remind_late_reports", overseers(303), args={"period_id": "<period>"}),
    Row("POST", "government.add_to_period", overseers(422), args={"period_id": "<period>"}),
    Row("POST", "government.add_to_period", overseers(303), args={"period_id": "<period>"}, data={"named": "H26"}),
    Row("POST", "government.let_period_go_on", overseers(303), args={"period_id": "<period>", "act": "goes_on"}),
    Row("GET", "government.compare_reports", overseers(200), args={"period_id": "<period>"}),
    Row("GET", "government.period_table", overseers(200), args={"period_id": "<period>"}),
    Row("GET", "government.period_workbook", overseers(200), args={"period_id": "<period>"}),
    Row("GET", "government.report_templates", overseers(200)),
    Row("GET", "government.report_template", overseers(200), args={"key": "<template>", "version": 1}),
    Row("GET", "government.report_template", overseers(404), args={"key": "<template>", "version": 9}),
    Row("GET", "government.new_report_template", overseers(200)),
    Row("POST", "government.new_report_template", overseers(422)),
    Row("GET", "government.agency_plans", only(("overseer", *PLANNERS), 200)),
    Row("GET", "government.register_plan", only(PLANNERS, 200)),
    Row("POST", "government.register_plan", only(PLANNERS, 422)),
    Row("GET", "government.agency_plan", only(("overseer", *PLANNERS), 200), args={"plan_id": "<plan mine>"}),
    Row("GET", "government.agency_plan", {**only(PLANNERS, 404), "overseer": 200}, args={
        "plan_id": "<plan elsewhere>"}),
    Row("GET", "government.plan_file", only(("overseer", *PLANNERS), 200), args={"plan_id": "<plan mine>"}),
    Row("GET", "government.plan_file", {**only(PLANNERS, 404), "overseer": 200}, args={"plan_id": "<plan elsewhere>"}),
    Row("POST", "government.withdraw_plan", only(PLANNERS, 422), args={"plan_id": "<plan mine>"}),
    Row("POST", "government.withdraw_plan", only(PLANNERS, 303), args={"plan_id": "<plan mine>"}, data={
        "reason": "Đăng ký nhầm"}),
    Row("POST", "government.withdraw_plan", only(PLANNERS, 404), args={"plan_id": "<plan elsewhere>"}, data={
        "reason": "Đăng ký nhầm"}),
    # the national report: drafted and published by who watches
    Row("GET", "government.national_drafts", overseers(200)),
    Row("POST", "government.begin_national", overseers(422)),
    Row("POST", "government.begin_national", overseers(303), data={
        "on-day": "30", "on-month": "9", "on-year": "2016"}),
    Row("GET", "government.national_draft", overseers(200), args=REPORTED),
    Row("GET", "government.national_draft", overseers(404), args={"day": "2016-12-31"}),
    Row("POST", "government.save_national", overseers(303), args=REPORTED, data={
        "text_plans": "Đã ban hành", "base_plans": "e3b0c44298fc1c14"}),
    Row("GET", "government.publish_national", overseers(200), args=REPORTED),
    Row("POST", "government.publish_national", overseers(422), args=REPORTED),
    # documents between agencies: registers and one document
    Row("GET", "government.incoming", documents(200)),
    Row("POST", "government.incoming", documents(200), data={"q": "phối hợp"}),
    Row("GET", "government.outgoing", documents(200)),
    Row("POST", "government.outgoing", documents(200), data={"q": "12/UBND-VX"}),
    Row("GET", "government.copy", at_desk(200), args={"copy_id": "<copy arrived>"}),
    Row("GET", "government.copy", at_desk(200, *DESK_OF_DOCUMENTS, "in_unit"), args={"copy_id": "<copy commune>"}),
    Row("GET", "government.document", at_desk(200), args={"document_id": "<document out>"}),
    Row("GET", "government.document", at_desk(200), args={"document_id": "<document draft>"}),
    Row("GET", "government.document", at_desk(200, "elsewhere"), args={"document_id": "<document in>"}),
    Row("GET", "government.receiver", at_desk(200), args={
        "document_id": "<document out>", "copy_id": "<copy out>"}),
    Row("GET", "government.receiver", at_desk(404), args={
        "document_id": "<document out>", "copy_id": "<copy arrived>"}),  # of another document
    Row("GET", "government.copy_file", at_desk(200), args={
        "copy_id": "<copy arrived>", "attachment_id": "<file in>"}),
    Row("GET", "government.copy_file", at_desk(404), args={
        "copy_id": "<copy registered>", "attachment_id": "<file in>"}),
    Row("GET", "government.document_file", at_desk(200, "elsewhere"), args={
        "document_id": "<document in>", "attachment_id": "<file in>"}),
    Row("GET", "government.copy_message", at_desk(404), args={"copy_id": "<copy arrived>", "message_id": "1"}),
    Row("GET", "government.document_message", at_desk(404), args={"document_id": "<document out>", "message_id": "1"}),
    # what its receiver does with one
    Row("POST", "government.register_copy", at_desk(303, "clerk"), args={"copy_id": "<copy arrived>"}),
    Row("POST", "government.register_copy", at_desk(409, "clerk"), args={"copy_id": "<copy registered>"}),
    Row("GET", "government.refuse_copy", at_desk(200, "clerk"), args={"copy_id": "<copy arrived>"}),
    Row("POST", "government.refuse_copy", at_desk(303, "clerk"), args={"copy_id": "<copy arrived>"}, data={
        "reason": "Không thuộc thẩm quyền"}),
    Row("GET", "government.assign_copy", at_desk(200, *ASSIGNERS), args={"copy_id": "<copy registered>"}),
    Row("POST", "government.assign_copy", at_desk(303, *ASSIGNERS), args={"copy_id": "<copy registered>"}, data={
        "person": "<colleague>", "instruction": "Tham mưu trả lời"}),
    Row("POST", "government.start_copy", at_desk(303, *WORKERS), args={"copy_id": "<copy assigned>"}),
    Row("POST", "government.finish_copy", at_desk(303, *WORKERS), args={"copy_id": "<copy in_work>"}),
    Row("GET", "government.answer_recall", at_desk(200, "clerk"), args={"copy_id": "<copy recall>"}),
    Row("POST", "government.answer_recall", at_desk(303, "clerk"), args={"copy_id": "<copy recall>"}, data={
        "agree": "yes"}),
    Row("POST", "government.answer_copy", at_desk(303, *WRITERS), args={"copy_id": "<copy registered>"}),
    # what is written and sent, and what is said of it afterwards
    Row("GET", "government.compose", documents(200, "clerk", "head_of_unit", *CASE_OFFICERS)),
    Row("POST", "government.compose", {**documents(303, "clerk", "head_of_unit", *CASE_OFFICERS), "other_unit": 200}),
    Row("GET", "government.write", at_desk(200, *WRITERS), args={"document_id": "<document draft>"}),
    Row("POST", "government.write", at_desk(422, *WRITERS), args={"document_id": "<document draft>"}),
    Row("GET", "government.write", at_desk(409, *WRITERS), args={"document_id": "<document out>"}),
    Row("GET", "government.send_document", at_desk(200, *SENDERS), args={"document_id": "<document draft>"}),
    Row("POST", "government.send_document", at_desk(303, *SENDERS), args={"document_id": "<document draft>"}),
    Row("POST", "government.discard", at_desk(303, *WRITERS), args={"document_id": "<document draft>"}),
    Row("GET", "government.recall", at_desk(200, "clerk"), args={"document_id": "<document out>"}),
    Row("POST", "government.recall", at_desk(422, "clerk"), args={"document_id": "<document out>"}),
    Row("GET", "government.update", at_desk(200, *SENDERS), args={"document_id": "<document out>"}),
    Row("POST", "government.update", at_desk(422, *SENDERS), args={"document_id": "<document out>"}),
    Row("POST", "government.replace", at_desk(303, *SENDERS), args={"document_id": "<document out>"}),
    # who takes part: asked for by agencies' administrators, decided on by the portal's
    Row("GET", "government.participants", managers(200)),
    Row("GET", "government.ask_participant", managers(200)),
    Row("POST", "government.ask_participant", managers(422)),
    Row("GET", "government.participant", managers(200), args=MINE),
    Row("GET", "government.participant", {**administrators(200), "agency_administrator": 404}, args={
        "participant_id": "<participant elsewhere>"}),
    Row("GET", "government.decide_participant", administrators(200), args=WAITS),
    Row("POST", "government.decide_participant", administrators(422), args=WAITS),
    Row("POST", "government.refuse_participant", administrators(422), args=WAITS),
    Row("GET", "government.change_participant", administrators(200), args=MINE),
    Row("POST", "government.change_participant", administrators(422), args=MINE),
    Row("GET", "government.renew_secret", administrators(200), args=WAITS),
    Row("POST", "government.renew_secret", administrators(303), args=WAITS),  # it waits: there is none to renew
    Row("POST", "government.pin_certificate", administrators(422), args=MINE),
    Row("POST", "government.end_certificate", administrators(404), args={**MINE, "certificate_id": 1}),
    Row("GET", "government.parked", administrators(200)),
    Row("POST", "government.replay", administrators(404), args={"delivery_id": 1}),
    Row("GET", "government.end_participant", administrators(200), args=MINE),
    Row("POST", "government.end_participant", administrators(422), args=MINE),
    Row("GET", "government.remind", at_desk(200, *SENDERS), args={"document_id": "<document out>"}),
    Row("POST", "government.remind", at_desk(409, *SENDERS), args={"document_id": "<document out>"}),  # none is due
    # what nobody understood by itself: of the own agency the clerks', of all the portal administrators'
    Row("GET", "government.unmatched", matchers(200)),
    Row("GET", "government.unmatched_one", matchers(200), args={"message_id": "<message mine>"}),
    Row("GET", "government.unmatched_one", {**matchers(200), "clerk": 404}, args={"message_id": "<message elsewhere>"}),
    Row("GET", "government.unmatched_one", matchers(200), args={"message_id": "<message conflict>"}),
    Row("POST", "government.unmatched_one", matchers(422), args={"message_id": "<message mine>"}),
    Row("POST", "government.dismiss_unmatched", matchers(422), args={"message_id": "<message mine>"}),
    Row("GET", "government.learned", administrators(200)),
    Row("POST", "government.forget_learned", administrators(404), data={"participant": "1", "said": "id x"}),
    Row("POST", "government.decide_conflict", matchers(422), args={"message_id": "<message conflict>"}),
    Row("POST", "government.decide_conflict", matchers(404), args={"message_id": "<message mine>"}),  # is none
    Row("GET", "government.copy_bundle", at_desk(200), args={"copy_id": "<copy arrived>"}),
    Row("GET", "government.document_bundle", at_desk(200), args={"document_id": "<document out>"}),
    Row("GET", "government.document_bundle", at_desk(404), args={"document_id": "<document draft>"}),
    Row("GET", "government.bundle_keys", everybody(200)),
)
