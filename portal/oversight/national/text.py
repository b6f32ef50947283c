"""A report as plain text: what tools/recompute.py prints from the open data, to the byte. Pure."""
from collections.abc import Iterator, Mapping
from typing import Any

from portal.oversight.national.reading import Grid, Line, Reading, Section, day


def text(file: Mapping[str, Any], language: str) -> str:
    """`file`: the open data (see actions.file): the report with its edition and digest, or a draft without them."""
    return "\n".join(_lines(file, language)) + "\n"


def _lines(file: Mapping[str, Any], language: str) -> Iterator[str]:
    report = Reading(file["content"], language)
    yield report.title
    yield f"{report.word('as_of')}: {report.on}"
    yield report.word("unofficial")
    yield _edition(file, report)
    if file.get("reason"):
        yield f"{report.word('correction')}: {file['reason']}"
    if report.open:
        yield ""
        yield report.word("open")
        for words, about in report.open:
            yield f"- {words} ({about})"
    for section in report.sections:
        yield ""
        yield from _section(report, section)


def _edition(file: Mapping[str, Any], report: Reading) -> str:
    if not file.get("edition"):
        return report.word("draft")
    published = f"{report.word('published')} {day(file['published_at'][:10])}, {report.say(file['published_by'])}"
    return f"{report.word('edition')} {file['edition']}, {published}. SHA-256: {file['digest']}"


def _section(report: Reading, section: Section) -> Iterator[str]:
    yield f"{section.numeral}. {section.title}"
    if section.paragraph:
        yield section.paragraph
    yield from section.notes
    if section.empty:
        yield report.word("nothing")
    for line in section.lines:
        yield from _line(report, line)
    for grid in section.grids:
        yield from _grid(report, grid)


def _line(report: Reading, line: Line) -> Iterator[str]:
    share = f" ({line.share})" if line.share else ""
    yield f"- {line.indicator}; {line.group}: {line.value} {line.unit}{share}, {report.word('on')} {line.on}, " \
          f"{report.word('as_published')}: {line.as_published}"
    sure = f" ({line.confidence})" if line.confidence else ""
    yield f"  {report.word('source')}: {line.source}{sure}"
    if line.names:
        yield f"  {report.word('names')}: {'; '.join(line.names)}"
    if line.changes:
        yield f"  {line.changes}"
    for words in line.sums:
        yield f"  {report.word('sum')}: {words}"
    for words in line.failed:
        yield f"  {report.word('fails')}: {words}"


def _grid(report: Reading, grid: Grid) -> Iterator[str]:
    yield f"{grid.title} ({report.word('on')} {grid.on}; {report.word('source')}: {grid.source})"
    if not grid.detail:
        yield " | ".join(grid.head)
        for row in grid.rows:
            yield " | ".join(row)
        if grid.totals:
            yield " | ".join(grid.totals)
    for words, names in grid.picks:
        yield f"{words} ({len(names)}): {'; '.join(names) or report.word('nobody')}"
