"""Search over the real names in memory against the database's own full-text search over the same names."""
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from flask import Flask

from portal.catalogue import queries
from portal.kit.db import engine
from portal.kit.text import fold, words
from tests.bench.measuring import Row, Size, in_turn, percentile, ratio

SHOWN = 20
Ask = Callable[[str], object]


def typed(names: Sequence[tuple[str, str]], n: int) -> list[str]:
    """What people type: some words of a name, with or without marks, the last one half done; codes, and codes
    begun. The same every time."""
    dice, asked = random.Random(2642), list[str]()
    while len(asked) < n:
        name, code = dice.choice(names)
        said = name.split()
        start = dice.randrange(max(len(said) - 3, 1))
        part = " ".join(said[start:start + dice.randint(1, 4)])
        asked.append((part, fold(part), fold(part)[:-2] or fold(part), code, code[:dice.randint(4, len(code))],
                      f"{part} {said[0]}")[dice.choices(range(6), (30, 30, 20, 8, 4, 8))[0]])
    return asked


def catalogue(app: Flask, size: Size, on: str) -> list[Row]:
    """p50 and p99 of the index in memory, of the whole question with its counts, and of SQL."""
    with app.app_context():
        index = queries.directory().index
        names = [(p.name, p.code) for p in queries.directory().by_id.values()]
        asked = typed(names, size.queries)
        sql = _postgres(names) if engine().dialect.name == "postgresql" else _sqlite(names)
        variants: dict[str, Ask] = {
            "index": lambda q: index.search(q, limit=SHOWN), "whole": queries.search, "sql": sql,
            "understood": lambda q: index.search(queries.understand(q).words, limit=SHOWN)}
        for ask in variants.values():
            _times(ask, asked)
        series: dict[str, list[float]] = {}
        for share in (0.5, 0.99):
            for name, values in in_turn({name: _at(ask, asked, share) for name, ask in variants.items()},
                                        size.rounds).items():
                series[f"{name} {share}"] = values
    return [_row(f"search of {len(names):,} names in memory, {on}", series, "index", 1.0),
            _row(f"the same with places understood first, {on}", series, "understood", 1.0),
            _row(f"the same with counts of all facets, {on}", series, "whole", 1.0)]


def _row(what: str, series: dict[str, list[float]], name: str, goal: float) -> Row:
    def middle(which: str) -> float:
        return percentile(series[which], 0.5)

    own = middle(f"{name} 0.99")
    return Row(what, f"p50 {middle(f'{name} 0.5'):.3f}, p99 {own:.2f} ms",
               f"p50 {middle('sql 0.5'):.3f}, p99 {middle('sql 0.99'):.2f} ms",
               f"{ratio(series, 'sql 0.5', f'{name} 0.5'):.1f} x faster, p99 "
               f"{ratio(series, 'sql 0.99', f'{name} 0.99'):.1f} x", f"p99 <= {goal:.0f} ms", own <= goal)


def _times(ask: Ask, asked: Sequence[str]) -> list[float]:
    times = []
    for q in asked:
        start = time.perf_counter()
        ask(q)
        times.append((time.perf_counter() - start) * 1000)
    return times


def _at(ask: Ask, asked: Sequence[str], share: float) -> Callable[[], float]:
    return lambda: percentile(_times(ask, asked), share)


def _is_code(q: str) -> bool:
    return q[:2].replace(".", "").isdigit()


def _sqlite(names: Sequence[tuple[str, str]]) -> Ask:
    """FTS5 over folded names, all words, the last one open, best first; LIKE for codes."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE names USING fts5(name, prefix='1 2 3')")
    connection.execute("CREATE TABLE codes (id INTEGER PRIMARY KEY, code TEXT)")
    connection.execute("CREATE INDEX by_code ON codes (code COLLATE NOCASE)")
    for n, (name, code) in enumerate(names, start=1):
        connection.execute("INSERT INTO names (rowid, name) VALUES (?, ?)", (n, fold(name)))
        connection.execute("INSERT INTO codes VALUES (?, ?)", (n, code))

    def ask(q: str) -> object:
        if _is_code(q):
            return connection.execute("SELECT id FROM codes WHERE code LIKE ? LIMIT 20", (f"{q}%",)).fetchall()
        match = " ".join(f'"{word}"' for word in words(q)) + "*"
        return connection.execute("SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 20",
                                  (match,)).fetchall()

    return ask


def _postgres(names: Sequence[tuple[str, str]]) -> Ask:
    """tsvector('simple') over folded names under a GIN index, ranked; LIKE for codes. A table of the session."""
    raw: Any = engine().raw_connection()
    raw.detach()
    with closing(raw.cursor()) as cursor:
        cursor.execute("CREATE TEMPORARY TABLE names (id int PRIMARY KEY, code text, words tsvector)")
        with cursor.copy("COPY names (id, code, words) FROM STDIN") as copy:
            for n, (name, code) in enumerate(names, start=1):
                copy.write_row((n, code, " ".join(f"{word}:{at}" for at, word in enumerate(words(name), 1))))
        cursor.execute("CREATE INDEX ON names USING gin (words)")
        cursor.execute("CREATE INDEX ON names (code text_pattern_ops)")
        cursor.execute("ANALYZE names")
    raw.commit()
    cursor = raw.cursor()

    def ask(q: str) -> object:
        if _is_code(q):
            cursor.execute("SELECT id FROM names WHERE code LIKE %s LIMIT 20", (f"{q}%",))
        else:
            cursor.execute("SELECT id FROM names, to_tsquery('simple', %s) q WHERE words @@ q "
                           "ORDER BY ts_rank(words, q) DESC, id LIMIT 20", (" & ".join(words(q)) + ":*",))
        return cursor.fetchall()

    return ask
