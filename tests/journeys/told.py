"""The table of docs/reliability.md from a report of pytest: `python -m tests.journeys.told REPORT`."""
import sys
from collections.abc import Iterator
from xml.etree import ElementTree


def lines(report: str) -> Iterator[str]:
    yield "| engine | journey | outcome | seconds |"
    yield "|---|---|---|---|"
    rows = []
    for case in ElementTree.parse(report).iter("testcase"):
        name, _, which = case.get("name", "").partition("[")
        engine, _, more = which.rstrip("]").partition("-")
        known = case.find("properties/property[@name='engine']")
        failed = case.find("failure") is not None or case.find("error") is not None
        words = name.removeprefix("test_").replace("_", " ") + (f" ({more})" if more else "")
        rows.append((known.get("value") if known is not None else engine, words, "FAILS" if failed else "works",
                     f"{float(case.get('time', 0)):.0f}"))
    for row in sorted(rows):
        yield f"| {' | '.join(map(str, row))} |"


if __name__ == "__main__":
    print("\n".join(lines(sys.argv[1])))
