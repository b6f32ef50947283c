"""`flask demonstration …`: invented people and their invented work, told through the real verbs.

Nothing here exists unless it was asked for, and PORTAL_DEMONSTRATION must be on: a production start has
no default account. The same seed makes the same set, so pictures and tests can be repeated.
"""
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import click
from flask import Flask, current_app

from portal.catalogue import openings
from portal.catalogue import queries as catalogue
from portal.catalogue.models import Service
from portal.cli import (
    invented,
    invented_documents,
    invented_feed,
    invented_figures,
    invented_national,
    invented_participants,
    invented_rankings,
    invented_reports,
    invented_score,
    invented_tasks,
)
from portal.cli.words import Group
from portal.dossiers import actions, queries
from portal.dossiers.models import Dossier
from portal.exchange import opinions
from portal.files import actions as documents
from portal.files.models import RESULT
from portal.forms.application import Application
from portal.kit import clock, collecting, mail
from portal.kit.db import session, transaction
from portal.kit.jobs import queue
from portal.oversight import actions as oversight
from portal.oversight import tallies
from portal.people import passwords, second_factors
from portal.people import queries as people
from portal.people.models import Agency, AgencyKind, Membership, Person, Unit, UnitKind
from portal.people.permissions import NATIONAL, Role
from portal.progress import history

demonstration = Group("demonstration", help="Invented people and dossiers, to look round with.")

PASSWORD = "bốn con ngựa trắng ngoài đồng"  # noqa: S105  of invented people only
DOSSIERS = 200
STRIDE = 20
JUDGED_DAYS, LEARNT_EVERY = 28, 14  # days
CITIZENS = 24
MAIN_AGENCY, MAIN_COMMUNE = "H17", "20242"  # Đà Nẵng, its ward Hải Châu
WORKED_HERE = timedelta(days=3 * 365)  # longer than the oldest dossier
#: Who else can be looked round as: of the main agency as a whole, or of the whole portal.
OTHER_ROLES = {
    Role.counter_officer: "tiepnhan.h17", Role.head_of_unit: "lanhdaodonvi.h17", Role.clerk: "vanthu.h17",
    Role.fee_collector: "thuphi.h17", Role.result_officer: "traketqua.h17", Role.drafter: "baocao.h17",
    Role.leader: "lanhdao.h17", Role.read_only: "chixem.h17", Role.agency_administrator: "quantri.h17",
    Role.overseer: "theodoi"}
#: Clerks elsewhere, whose offices work on the pages of this portal too: by contact, the agency or the commune.
OTHER_CLERKS = {"vanthu.g15": "G15", "vanthu.h26": "H26"}
CLERK_OF_COMMUNE = "vanthu.haichau.h17"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Cast:
    """Who takes part, by agency where they work, and what is applied for, by the procedure's code. Read once."""

    citizens: list[Person]
    officers: dict[int, Person]
    offered: dict[str, list[Service]]


# How a life ends, and how often: the verbs in order; None waits for ever at that point.
LIVES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (52, ("claim", "accept", "process", "decide", "hand_over")),
    (10, ("claim", "accept", "ask", "answer", "decide", "hand_over")),
    (6, ("claim", "ask", "answer", "accept", "decide", "hand_over")),
    (5, ("claim", "refuse")),
    (4, ("withdraw",)),
    (6, ("claim", "accept", "process", "deny", "hand_over")),
)
OPEN_LIVES: tuple[tuple[str, ...], ...] = (
    (), (), ("claim",), ("claim", "accept"), ("claim", "accept"), ("claim", "accept", "process"),
    ("claim", "accept", "ask"), ("claim", "ask"), ("claim", "accept", "process", "decide"))


def sign_ins() -> list[tuple[str, str, str, str]]:
    """(role, contact, password, what for) of the people to look round as."""
    return [
        ("citizen", "congdan@demo.example", PASSWORD, "Nguyễn Thị Minh Anh"),
        ("officer", "canbo.h17@demo.example", PASSWORD, "Thành phố Đà Nẵng (H17)"),
        ("officer", "canbo.h26@demo.example", PASSWORD, "Thành phố Hà Nội (H26)"),
        ("officer", "canbo.haichau.h17@demo.example", PASSWORD, "Phường Hải Châu, Thành phố Đà Nẵng"),
        ("clerk", "vanthu.h17@demo.example", PASSWORD, "Thành phố Đà Nẵng (H17): văn bản đến, văn bản đi"),
        ("clerk", "vanthu.g15@demo.example", PASSWORD, "Bộ Tư pháp (G15): văn bản đến, văn bản đi"),
        ("clerk", "vanthu.h26@demo.example", PASSWORD, "Thành phố Hà Nội (H26): văn bản đến, văn bản đi"),
        ("drafter", "baocao.h17@demo.example", PASSWORD, "Thành phố Đà Nẵng (H17): báo cáo, kế hoạch"),
        ("leader", "lanhdao.h17@demo.example", PASSWORD, "Thành phố Đà Nẵng (H17): nhiệm vụ, gửi báo cáo"),
        ("overseer", "theodoi@demo.example", PASSWORD, "Theo dõi toàn quốc: kết nối, nhiệm vụ, báo cáo"),
        ("head of unit", "lanhdaodonvi.h17@demo.example", PASSWORD, "Thành phố Đà Nẵng (H17)"),
        ("agency administrator", "quantri.h17@demo.example", PASSWORD, "Thành phố Đà Nẵng (H17)"),
        ("administrator", "quantri@demo.example", PASSWORD, "Quản trị hệ thống"),
    ]


def exists() -> bool:
    """Whether the set is there already."""
    return people.person_by_contact(sign_ins()[0][1]) is not None


def give_factors() -> int:
    """Give the invented staff the app that the page of the second factor tells the codes of, where they have none: also
    those of a set that was loaded before there were second factors. How many were given one."""
    given = 0
    with transaction():
        for person in people.staff_without_factor():
            if person.email and mail.is_reserved(person.email):
                second_factors.add_app(person, second_factors.new_secret(), 0, "Ứng dụng xác thực", tell=False)
                given += 1
    return given


@collecting.seldom()
def load(progress: Progress | None = None) -> bool:
    """Load the set once. `progress(done, total, words)` is told how far it is. Returns whether it loaded."""
    if not current_app.config["DEMONSTRATION"]:
        raise click.ClickException("demonstration people exist only where PORTAL_DEMONSTRATION=1 asks for them")
    if exists():
        return False
    dice = random.Random(36)  # noqa: S311  repeatable on purpose
    progress = progress or (lambda done, total, words: None)
    secret = passwords.hash(PASSWORD)
    with transaction():  # one, so that a start that was stopped half-way begins anew
        made = _people(dice, secret)
        cast, lived = _cast(made), list[Dossier | None]()
        for done, (begun_at, steps) in enumerate(_lives(dice, clock.now()), start=1):
            lived.append(_live(dice, cast, begun_at, steps))
            if done % STRIDE == 0 or done == DOSSIERS:
                progress(done, DOSSIERS, "demonstration dossiers")
        oversight.load_history()
        _documents(made, [one for one in lived if one is not None and opinions.may_ask_now(one)], progress)
        _tasks(made)
        _reports(made)
        _spread_old_jobs()
        _push(dice, progress)
        _score(made)
        _judge(progress)
        _rankings(made)
        invented_figures.load()
        invented_national.load(_overseer(made), clock.now())
    give_factors()
    return True


def _tasks(made: list[Person]) -> None:
    """What the Government asked of agencies this year."""
    roles = {(held.role, held.agency_id): person for person in made for held in person.memberships}
    leaders = {agency: person for (role, agency), person in roles.items() if role == Role.leader and agency}
    invented_tasks.load(random.Random(38), people.current_agencies(), _overseer(made), leaders,  # noqa: S311
                        clock.now())
    tallies.roll(clock.today())  # as of every night


def _overseer(made: list[Person]) -> Person:
    return next(person for person in made if any(held.role == Role.overseer for held in person.memberships))


def _reports(made: list[Person]) -> None:
    """What agencies reported of the last quarters, and the plans that they issued."""
    roles = {(held.role, held.agency_id): person for person in made for held in person.memberships}
    drafters, leaders = ({agency: person for (role, agency), person in roles.items() if role == wanted and agency}
                         for wanted in (Role.drafter, Role.leader))
    cast = invented_reports.Cast(roles[Role.overseer, None], drafters, leaders, next(iter(drafters.values())))
    invented_reports.load(random.Random(39), people.current_agencies(), cast, clock.now())  # noqa: S311
def _score(made: list[Person]) -> None:
    """The score of Decision 766, of everything that happened."""
    main = next(one for one in people.current_agencies() if one.key == MAIN_AGENCY)
    invented_score.load(main, _overseer(made), clock.now())


def _documents(made: list[Person], dossiers: list[Dossier], progress: Progress) -> None:
    """A year of documents between agencies. Clerks keep the desks that work on our pages."""
    at = {(held.role, held.agency_id, held.unit_id): person for person in reversed(made) for held in person.memberships}
    clerks = {key: at[Role.clerk, agency.id, None] for key, agency in (
        (one.key, one) for one in people.current_agencies()) if (Role.clerk, agency.id, None) in at}
    commune = people.commune(MAIN_COMMUNE)
    if commune is not None:
        clerks[invented_participants.COMMUNES[0][0]] = at[Role.clerk, commune.agency_id, commune.id]
    workers = {agency_id: person for (role, agency_id, unit_id), person in at.items()
               if role == Role.case_officer and agency_id is not None and unit_id is None}
    own = [one for one in dossiers if one.agency.key == MAIN_AGENCY]
    invented_documents.load(random.Random(37), clerks, workers, own, progress)  # noqa: S311  dice of their own


def _rankings(made: list[Person]) -> None:
    """This year's rating of agencies, after everything that it measures."""
    invented_rankings.load(random.Random(39), people.current_agencies(), _overseer(made))  # noqa: S311


def _push(dice: random.Random, progress: Progress) -> None:
    """What the agencies' own systems sent."""
    offering = catalogue.level_counts()[0]
    agencies = [one for one in people.current_agencies() if one.code and one.key in offering]
    pushes = invented_feed.pushes(dice, sorted(agencies, key=lambda one: one.key))
    for done, push in enumerate(pushes, start=1):
        invented_feed.send(push)
        if done % STRIDE == 0 or done == len(pushes):
            progress(done, len(pushes), "agencies' pushed progress")


def _judge(progress: Progress) -> None:
    """What the jobs of the last weeks' nights would have found. Usual times are learnt anew every
    fortnight only: that is the dear part."""
    today = clock.today()
    for done in range(1, JUDGED_DAYS + 1):
        day = today - timedelta(days=JUDGED_DAYS + 1 - done)
        if done % LEARNT_EVERY == 1:
            history.estimate(day)
        history.calibrate(day)
        progress(done, JUDGED_DAYS, "usual dates judged")


def _people(dice: random.Random, secret: str) -> list[Person]:
    """The invented people, as they were added."""
    agencies = sorted((one for one in people.current_agencies() if one.code), key=lambda one: one.id)
    main = next(one for one in agencies if one.key == MAIN_AGENCY)
    made = [Person(name=invented.name(dice) if i else "Nguyễn Thị Minh Anh",
                   email="congdan@demo.example" if not i else f"congdan{i}@demo.example",
                   phone=f"+8491000{i:04}", password_hash=secret) for i in range(CITIZENS)]
    made.append(_staff("quantri", "Quản trị hệ thống", Role.portal_administrator, None, secret))
    for agency in agencies:
        if agency.kind == AgencyKind.province or agency.key in ("G01", "G15"):
            made.append(_staff(f"canbo.{agency.key.lower()}", invented.name(dice), Role.case_officer, agency, secret))
    made.append(_staff("canbo2.h17", invented.name(dice), Role.case_officer, main, secret))
    commune = people.commune(MAIN_COMMUNE)
    for contact, role in (("canbo.haichau.h17", Role.case_officer), ("tiepnhan.haichau.h17", Role.counter_officer)):
        made.append(_staff(contact, invented.name(dice), role, main, secret, commune))
    for role, contact in OTHER_ROLES.items():
        made.append(_staff(contact, invented.name(dice), role, None if role in NATIONAL else main, secret))
    by_key, dice = {one.key: one for one in agencies}, random.Random(37)  # noqa: S311  as of documents
    made.append(_staff(CLERK_OF_COMMUNE, invented.name(dice), Role.clerk, main, secret, commune))
    made += [_staff(contact, invented.name(dice), Role.clerk, by_key[key], secret)
             for contact, key in OTHER_CLERKS.items()]
    session.add_all(made)
    session.flush()
    return made


def _staff(contact: str, name: str, role: Role, agency: Agency | None, secret: str,
           unit: Unit | None = None) -> Person:
    person = Person(name=name, staff=True, email=f"{contact}@demo.example", password_hash=secret)
    person.memberships = [Membership(
        role=role, agency_id=agency.id if agency else None, unit_id=unit.id if unit else None,
        begins_at=clock.now() - WORKED_HERE)]
    return person


def _lives(dice: random.Random, now: datetime) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """When each dossier was handed in and what then happened, oldest first."""
    weights, finished = [w for w, _ in LIVES], [steps for _, steps in LIVES]
    lives: list[tuple[datetime, tuple[str, ...]]] = []
    for i in range(DOSSIERS):
        recent = i % 4 == 0
        steps = dice.choice(OPEN_LIVES) if recent else dice.choices(finished, weights)[0]
        # nobody has looked yet: handed in within the last hours, not days ago
        days = dice.uniform(12, 364) if not recent else dice.uniform(1, 6) if steps else dice.uniform(0, 0.7)
        back = timedelta(days=days)
        local = (now - back).astimezone(clock.VN)
        local = local.replace(hour=dice.randint(7, 20), minute=dice.randint(0, 59)) if steps else local
        lives.append((min(local, now.astimezone(clock.VN) - timedelta(minutes=30)), steps))
    yield from sorted(lives)


def _cast(made: list[Person]) -> Cast:
    officers: dict[int, Person] = {}
    for person in made:
        for held in person.roles:
            if held.role == Role.case_officer and held.agency_id is not None and held.unit_id is None:
                officers.setdefault(held.agency_id, person)
    offered: defaultdict[str, list[Service]] = defaultdict(list)
    for service in catalogue.services_with_forms(invented.PROCEDURES):
        if openings.of(service, clock.today()):  # what is paper alone (level 2) has nothing to hand in
            offered[service.procedure.code].append(service)
    return Cast([person for person in made if not person.staff], officers, dict(offered))


def _pick_service(dice: random.Random, cast: Cast) -> Service:
    """A service that can be applied for, the main agency's more often than others."""
    offered = cast.offered[dice.choice(list(cast.offered))]
    main = [s for s in offered if s.agency.key == MAIN_AGENCY]
    return main[0] if main and dice.random() < 0.3 else dice.choice(offered)


def _live(dice: random.Random, cast: Cast, begun_at: datetime, steps: tuple[str, ...]) -> Dossier | None:
    """One dossier's life, each verb at its own moment of the past; None of a service that nobody serves."""
    service = _pick_service(dice, cast)
    officer = cast.officers.get(service.agency_id)
    if officer is None or service.version.form is None:
        return None
    citizen = cast.citizens[0] if dice.random() < 0.06 else dice.choice(cast.citizens[1:])
    with clock.pretend(begun_at):
        dossier = _hand_in(dice, service, citizen)
    at, now = begun_at, clock.now()
    for step in steps:
        at = _next_moment(dice, dossier, step, at)
        if at >= now:
            break
        with clock.pretend(at):
            _step(dossier, step, officer, citizen)
    return dossier


def _hand_in(dice: random.Random, service: Service, citizen: Person) -> Dossier:
    dossier = actions.begin(service, by=citizen, key=f"demo-{dice.getrandbits(96):024x}")
    definition = service.version.form.definition if service.version.form else {"steps": []}
    actions.save(dossier, invented.answers(definition, citizen, dice, dossier.agency.gso_code), by=citizen)
    if queries.unit_gaps(dossier):
        actions.choose_unit(dossier, _commune(dice, dossier), by=citizen)
    for field in Application(definition, dossier.answers).papers:
        if field.get("required"):
            label = field["label"]["vi"]
            proven = documents.prove(BytesIO(invented.paper(label)), invented.file_name(label))
            documents.attach(dossier.owner, field["key"], label, proven, by_id=citizen.id)
    return actions.submit(dossier, by=citizen)


def _commune(dice: random.Random, dossier: Dossier) -> Unit:
    """The commune of the form's address where it is the agency's, else any of them; the first more often, so that
    somebody who works there has a queue."""
    communes = [one for one in people.units_of(dossier.agency_id) if one.kind == UnitKind.commune]
    if dossier.agency.key == MAIN_AGENCY and dice.random() < 0.4:
        return next(one for one in communes if one.code == MAIN_COMMUNE)
    return dice.choice(communes)


def _next_moment(dice: random.Random, dossier: Dossier, step: str, at: datetime) -> datetime:
    """A working moment for the next verb: most keep their dates, some are late."""
    calendar = catalogue.calendar()
    if step in ("decide", "deny") and dossier.due_at:
        if dice.random() < 0.12:
            return calendar.add_minutes(dossier.due_at, dice.randint(60, 1500))
        spare = max(calendar.minutes_between(at, dossier.due_at) - 10, 2)
        return calendar.add_minutes(at, int(spare * dice.choice((0.3, 0.5, 0.7, 0.98))))
    return calendar.add_minutes(at, dice.randint(20, 300))


def _step(dossier: Dossier, step: str, officer: Person, citizen: Person) -> None:
    arguments: dict[str, Any] = {"by": citizen if step in ("answer", "withdraw") else officer}
    if step == "decide" and _has_file(dossier):
        _attach_result(dossier, officer)
    if step == "ask":
        arguments["items"] = [("other", "Bản chụp giấy tờ", "Ảnh chụp mờ, không đọc được số và ngày cấp.")]
    elif step == "answer":
        arguments["reply"] = "Đã chụp lại rõ nét."
    elif step == "refuse":
        arguments["reason"] = "Thủ tục thuộc thẩm quyền của cơ quan nơi cư trú khác."
    elif step == "decide":
        arguments["outcome"] = "granted"
    elif step == "deny":
        step, arguments["outcome"] = "decide", "denied"
        arguments["note"] = "Không đủ điều kiện theo quy định."
    elif step == "hand_over":
        arguments["on_paper"] = not _has_file(dossier)
    getattr(actions, step)(dossier, **arguments)


def _has_file(dossier: Dossier) -> bool:
    """Of some agencies every result is a file, of others every second or third: scores are not all alike."""
    return (dossier.id + dossier.agency_id) % (1 + dossier.agency_id % 3) == 0


def _attach_result(dossier: Dossier, officer: Person) -> None:
    """A file of the result, as an officer attaches it before the decision."""
    label = dossier.service.procedure.result or "Kết quả"
    proven = documents.prove(BytesIO(invented.paper(label)), invented.file_name(label))
    documents.attach(dossier.owner, RESULT, label[:300], proven, by_id=officer.id)


def _spread_old_jobs() -> None:
    """A year of receipts must not stand before the first receipt of a person who tries the portal."""
    now = clock.now()
    queue.spread(older_than=now - timedelta(days=8), first_at=now + timedelta(minutes=2), apart=timedelta(seconds=3))


@demonstration.command("load")
def load_command() -> None:
    """Load the demonstration set, once."""
    loaded = load(lambda done, total, words: click.echo(f"{done}/{total} {words}"))
    click.echo("loaded" if loaded else "already there")


def init_app(app: Flask) -> None:
    app.cli.add_command(demonstration)
