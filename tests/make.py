"""Makers: each returns a saved thing with sensible values; name only what the test is about."""
import secrets
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from flask import current_app
from sqlalchemy import select

from portal.catalogue import queries as catalogue
from portal.catalogue.models import Procedure, Service
from portal.dossiers import actions
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.states import STEPS, Side, Step
from portal.files import actions as documents
from portal.forms import examples
from portal.forms.application import Application
from portal.forms.types import TYPES
from portal.kit import clock
from portal.kit.db import session
from portal.kit.jobs import KINDS, Job, Taken, acts
from portal.papers import queries as papers
from portal.papers.models import Paper
from portal.people import passwords, roles, second_factors, sessions
from portal.people import queries as people
from portal.people.models import Agency, Person, SignIn, Unit
from portal.people.permissions import Place, Role
from portal.progress import actions as progress
from portal.progress import merging, updates

WHY = {"reason": "colleague"}  # posted to a dossier's /why by who looks at what is not their own work
LONG_AGO = datetime(2015, 1, 1, tzinfo=UTC)  # tests that turn the clock back meet people who work here already
PASSWORD = "bốn con ngựa trắng ngoài đồng"
OCTOBER = datetime(2026, 10, 5, 2, tzinfo=UTC)  # a Monday morning
n = count(1)

PDF = (b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
       b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
       b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>\nendobj\n"
       b"trailer\n<</Root 1 0 R/Size 4>>\n%%EOF\n")


def save(thing: Any) -> Any:
    """Add, commit (a savepoint in tests) and return it."""
    session.add(thing)
    session.commit()
    return thing


def agency(key: str = "H17") -> Agency:
    """A current agency of the small reference set: H17 Đà Nẵng, H26, H29, G01, G15."""
    return session.scalars(select(Agency).where(Agency.key == key, Agency.valid_to.is_(None))).one()


def service(code: str = "1.001193", at: str = "H17") -> Service:
    """What agency `at` offers for procedure `code`."""
    return session.scalars(select(Service).join(Service.procedure).join(Service.agency).where(
        Procedure.code == code, Agency.key == at, Agency.valid_to.is_(None))).one()


def done(name: str, **args: Any) -> None:
    """Do this job now, as a worker does."""
    job = Job(name=name, lane=KINDS[name].lane, args=args, attempt=1, leased_until=clock.now() + timedelta(minutes=1))
    job_id = save(job).id
    session.commit()
    with current_app.app_context():
        acts.perform(Taken(job_id, name, args, 1))
    session.expire_all()
    assert job.done_at, job.error


def draw_papers(dossier: Dossier) -> list[Paper]:
    """The papers of a dossier, drawn as a worker does."""
    for paper in papers.of(dossier.owner):
        if not paper.sheets:
            done("papers.draw", paper_id=paper.id)
    return list(papers.of(dossier.owner))


def sign_in(person: Person) -> str:
    """The token of a session of somebody who has shown the second factor just now."""
    token = secrets.token_urlsafe(16)
    save(SignIn(token_digest=sessions.digest(token), person_id=person.id, proven_at=clock.now()))
    return token


def app_of(person: Person, *, tell: bool = True) -> str:
    """The secret of an app that tells the person's codes; the newest code that it told is long used."""
    secret = second_factors.new_secret()
    second_factors.add_app(person, secret, 0, "Ứng dụng xác thực", tell=tell)
    session.commit()
    return secret


def code_of(secret: str, step: int = 0) -> str:
    """What the app shows, now or `step` times thirty seconds later."""
    return second_factors.code_at(secret, second_factors.step_now() + step)


def _person(who: str, **kw: Any) -> Person:
    i = next(n)
    return save(Person(**{"name": f"Nguyễn Thị Ánh {i}", "email": f"{who}{i}@example.vn",
                          "password_hash": passwords.hash(PASSWORD)} | kw))


def citizen(**kw: Any) -> Person:
    return _person("citizen", **kw)


def staff(role: str, at: str | Unit | None = None, **kw: Any) -> Person:
    """Somebody who holds a role: at an agency as a whole (its key), at a unit, or for the whole portal."""
    place = Place(at.agency_id, at.id) if isinstance(at, Unit) else Place(agency(at).id) if at else None
    person = _person(role, staff=True, **kw)
    roles.give(person, role, place, by=None, tell=False).begins_at = LONG_AGO
    session.commit()
    return person


def officer(at: str | Unit = "H17", **kw: Any) -> Person:
    """A case officer of an agency as a whole, or of a unit."""
    return staff(Role.case_officer, at, **kw)


def administrator(**kw: Any) -> Person:
    return staff(Role.portal_administrator, **kw)


def department(name: str = "Sở Tư pháp", at: str = "H17") -> Unit:
    """A department of an agency."""
    return save(roles.add_unit(agency(at), "department", name))


def counter(of: Unit) -> Unit:
    """A counter of a unit."""
    return save(roles.add_unit(of.agency, "counter", "Quầy số 1", parent=of))


#: What `answers` gives to a question of each type.
VALUES: dict[str, Any] = {kind: each.example({"key": kind, "kind": kind}) for kind, each in TYPES.items()
                          if not each.of_file and not each.parts & {"options", "fields"}}


def answers(definition: dict[str, Any]) -> dict[str, Any]:
    """Sensible answers to every question of a form, which go together by its rules."""
    return examples.answers(definition)


def draft(*, by: Person | None = None, service: Service | None = None, **kw: Any) -> Dossier:
    """A draft that lacks nothing."""
    by = by or citizen()
    service = service or globals()["service"]()
    dossier = actions.begin(service, by=by, key=kw.pop("key", f"key-{next(n)}"))
    definition = service.version.form.definition
    actions.save(dossier, answers(definition), by=by)
    for field in Application(definition, dossier.answers).papers:
        proven = documents.prove(BytesIO(PDF), "giấy tờ.pdf")
        documents.attach(dossier.owner, field["key"], field["label"]["vi"], proven, by_id=by.id)
    choose_commune(dossier)
    session.commit()
    return dossier


def commune(at: str = "H17") -> Unit:
    """The commune that test dossiers lie in: of Đà Nẵng Hải Châu, else the first of the agency's."""
    found = people.commune("20242")
    communes = [one for one in people.units_of(agency(at).id) if one.kind == "commune"]
    return found if found in communes else communes[0]


def choose_commune(dossier: Dossier) -> None:
    """Where a commune receives the dossier, that of `commune`."""
    if dossiers.unit_gaps(dossier):
        actions.choose_unit(dossier, commune(dossier.agency.key), by=dossier.applicant)


PATHS: dict[str, tuple[str, ...]] = {
    "submitted": (), "checking": ("claim",), "asked": ("claim", "ask"), "received": ("claim", "accept"),
    "processing": ("claim", "accept", "process"), "waiting": ("claim", "accept", "ask"),
    "decided": ("claim", "accept", "decide"), "returned": ("claim", "accept", "decide", "hand_over"),
    "not_received": ("claim", "refuse"), "withdrawn": ("withdraw",), "stopped": ("claim", "accept", "ask", "lapse"),
}
# how else a dossier may stand: processed after papers were asked for and came
LIVES = PATHS | {"answered": ("claim", "accept", "ask", "answer")}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "ask": {"items": [("other", "Giấy chứng sinh", "Bản chụp mờ, không đọc được")]},
    "ask_again": {"items": [("other", "Giấy khai sinh", "Còn thiếu")], "reason": "Luật chuyên ngành cho phép"},
    "amend": {"items": [("other", "Giấy chứng sinh", "Bản chụp thiếu trang")]},
    "extend": {"day": date(2027, 11, 1), "reason": "Chờ ý kiến của cơ quan khác"},
    "refuse": {"reason": "Không thuộc thẩm quyền"}, "decide": {"outcome": "granted"},
    "hand_over": {"on_paper": True},
}


def dossier(state: str = "submitted", *, by: Person | None = None, service: Service | None = None,
            officer: Person | None = None) -> Dossier:
    """A dossier in `state`, brought there by the verbs themselves."""
    made = draft(by=by, service=service)
    if state == "draft":
        return made
    actions.submit(made, by=made.applicant)
    handler = officer or globals()["officer"](made.agency.key)
    for verb in LIVES[state]:
        side = STEPS[Step(verb)].side
        if verb == "lapse":
            made.requests[-1].answer_until = clock.now()  # the time to answer is over
        who = {} if side is Side.time else {"by": made.applicant if side is Side.applicant else handler}
        getattr(actions, verb)(made, **who, **ARGUMENTS.get(verb, {}))
    session.commit()
    return made


def published(code: str = "H17-261005-0001", step: str = "submit", status: int = 1, *, at: datetime = OCTOBER,
              agency: str = "H17", name: str = "Đăng ký khai sinh", **said: Any) -> None:
    """What a verb of this portal tells of a dossier, in the public record: nothing else of it exists."""
    facts: dict[str, Any] = {"due_at": None, "reason": None, "correction": False, "submitted_at": at,
                             "channel": "online", "procedure_code": "1.001193", "level": 4} | said
    sector_id = catalogue.directory().by_code[facts["procedure_code"]].sector.id
    progress.tell(code, merging.Step(at=at, sequence=0, status=status, step=step, **facts),
                  globals()["agency"](agency).id,
                  updates.Procedure(facts["procedure_code"], name, sector_id, facts["level"], unlimited=True),
                  catalogue.calendar())
