"""Put a section of docs/reliability.md in the place of the one before: `reliability.py TITLE <the section's text`."""
import re
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
FIRST = "# What was tried, and what happened\n"


def main(title: str, text: str) -> None:
    """The other sections stay as they are; a new one goes to the end."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else FIRST
    section = f"## {title}\n\n{text.strip()}\n"
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", page, re.S | re.M)
    if found:
        page = page[:found.start()] + section + ("\n" if found.end() < len(page) else "") + page[found.end():]
    else:
        page = f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read())
