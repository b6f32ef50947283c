"""Documents between agencies in bulk: so many, each at ten receivers, with their events, messages and deliveries.

Written by the database itself into tables without indexes, which are built anew afterwards as the migrations have them;
on SQLite into the tables as they are. Everybody who takes part sends and receives alike.
"""
# ruff: noqa: S608  put together of names that stand here
import time
from collections.abc import Iterator, Sequence
from datetime import date

import psycopg
from sqlalchemy import select

from portal.exchange.models import Participant, ParticipantState, Way
from portal.kit import clock
from portal.kit.db import session, transaction
from portal.people.models import Agency, Unit, UnitKind
from tests.bench.measuring import say
from tests.bench.scale_load import bare_tables, plain, vacuum

RECEIVERS = 10
REGISTERED = 7  # of ten receivers have it in their register
TABLES = ("exchange_message", "exchange_document", "exchange_copy", "exchange_event", "exchange_delivery")
YEARS = 5  # over so many they are spread, the newest in this year


def everybody() -> list[int]:
    """Make every current agency take part on the pages; their numbers."""
    with transaction():
        agencies = session.scalars(select(Agency).where(Agency.valid_to.is_(None), Agency.code.is_not(None))
                                   .order_by(Agency.id)).all()
        made = [Participant(code=one.code, name=one.name, agency_id=one.id, way=Way.pages, profile="vnpt",
                            state=ParticipantState.connected, connected_at=clock.now()) for one in agencies]
        session.add_all(made)
        session.flush()
        return [one.id for one in made]


def load(url: str, participants: Sequence[int], documents: int) -> float:
    """So many documents; the seconds that it took."""
    start = time.monotonic()
    with bare_tables(plain(url), TABLES), psycopg.connect(plain(url), autocommit=True) as line:
        line.execute("SET synchronous_commit = off")
        line.execute("CREATE TEMPORARY TABLE part AS SELECT row_number() OVER (ORDER BY p.id) - 1 AS at, p.id, "
                     "p.agency_id, p.code, (SELECT min(u.id) FROM unit u WHERE u.agency_id = p.agency_id AND "
                     "u.kind = %s) AS unit_id FROM exchange_participant p WHERE p.id = ANY(%s)",
                     (str(UnitKind.central), list(participants)))
        line.execute("CREATE UNIQUE INDEX ON part (at)")
        line.execute("ANALYZE part")
        for what, statement in _statements(len(participants), documents):
            say(f"{what} of {documents:,} documents")
            line.execute(statement)
        for table in TABLES:
            line.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                         f"(SELECT coalesce(max(id), 0) + 1 FROM {table}))")
    say("vacuum")
    vacuum(plain(url), TABLES)
    return time.monotonic() - start


def central_unit(agency_id: int) -> int:
    """The unit whose registers an agency's documents stand in."""
    return int(session.execute(select(Unit.id).where(Unit.agency_id == agency_id, Unit.kind == UnitKind.central)
                               .order_by(Unit.id).limit(1)).scalar_one())


def _statements(parts: int, documents: int) -> Iterator[tuple[str, str]]:
    """What is said to the database. Document n is of participant n mod parts, at the ten after that one; its moment
    lies so far back as it is old."""
    first = date(clock.today().year - YEARS + 1, 1, 1)
    days = (clock.today() - first).days
    facts = {"at": f"(timestamptz '{first} 01:00+00' + d.n::float8 / {documents} * interval '{days} days')",
             "of": f"generate_series(1, {documents}) AS d(n) JOIN part s ON s.at = d.n % {parts}",
             "copy": f"((d.n - 1) * {RECEIVERS} + k.k + 1)", "taken": f"k.k < {REGISTERED}"}
    facts["key"] = f"s.code || ',' || ({facts['at']}::date)::text || ',' || d.n || '/CV-BD'"
    facts["copies"] = (f"{facts['of']} CROSS JOIN generate_series(0, {RECEIVERS - 1}) AS k(k) "
                       f"JOIN part r ON r.at = (d.n + 1 + k.k) % {parts}")
    for what, statement in _SAID.items():
        yield what, statement.format(**facts)


_SAID = {"messages": """
INSERT INTO exchange_message (id, kind, way, sender_id, from_code, document_key, business, payload_sha256, sha256, size,
dialect, deviations, signature, facts, verdict, received_at)
SELECT d.n, 'document', 'api', s.id, s.code, {key}, 'new', md5(d.n::text) || md5(d.n::text),
md5(d.n::text) || md5(d.n::text), 20000, 'vnpt', '[]', 'none', '{{}}', 'accepted', {at} FROM {of}
""", "documents": """
INSERT INTO exchange_document (id, state, sender_id, agency_id, key, said_id, number, notation, day, type_name, subject,
content, search_key, place, signer_name, signer_position, signer_competence, priority, steering, reference_codes, about,
message_id, edition, receivers, out_unit_id, out_year, out_number, created_at, sent_at, version, due_on)
SELECT d.n, 'sent', s.id, s.agency_id, {key}, {key}, d.n::text, 'CV-BD', {at}::date, 'Công văn',
'Về việc phối hợp cung cấp số liệu lần ' || d.n, '', 'cv-bd ve viec phoi hop cung cap so lieu lan ' || d.n, 'Hà Nội',
'Trần Văn Bình', 'Phó Chủ tịch', '', 0, '', '[]', '[]', d.n, 1, '[]', s.unit_id, extract(year FROM {at}), d.n, {at},
{at}, 1, CASE WHEN d.n % 10 = 0 THEN {at}::date + 10 END FROM {of}
""", "copies": """
INSERT INTO exchange_copy (id, document_id, receiver_id, agency_id, state, state_at, known_by, sure, sent_at,
in_unit_id, in_year, in_number, registered_at, due_on, answered_at, version)
SELECT {copy}, d.n, r.id, r.agency_id,
CASE WHEN {taken} THEN (ARRAY['registered', 'in_work', 'done'])[1 + d.n % 3] ELSE 'arrived' END, {at}, 'status', 100,
{at}, CASE WHEN {taken} THEN r.unit_id END, CASE WHEN {taken} THEN extract(year FROM {at}) END,
CASE WHEN {taken} THEN {copy} END, CASE WHEN {taken} THEN {at} END,
CASE WHEN d.n % 10 = 0 THEN {at}::date + 10 END,
CASE WHEN d.n % 10 = 0 AND {taken} THEN {at} + interval '5 days' END, 1 FROM {copies}
""", "events": """
INSERT INTO exchange_event (id, document_id, copy_id, code, at, arrived_at, message_id, how, sure)
SELECT ({copy} - 1) * 2 + e.e, d.n, {copy}, (ARRAY['sent', '03'])[e.e], {at}, {at}, d.n,
(ARRAY['sent', 'status'])[e.e], 100 FROM {copies} CROSS JOIN generate_series(1, 2) AS e(e) WHERE e.e = 1 OR {taken}
""", "deliveries": """
INSERT INTO exchange_delivery (id, message_id, sender_id, receiver_id, kind, position, state, tries, next_at, queued_at,
taken_at, ended_at)
SELECT {copy}, d.n, s.id, r.id, 'document', d.n, 'done', 0, {at}, {at}, {at}, {at} FROM {copies}
"""}


def newest(documents: int, many: int) -> list[int]:
    """The documents whose pages are asked for: among the newest and the oldest, some of all."""
    return [1 + (documents - 1) * n // (many - 1) for n in range(many)]
