"""What the oldest engines that are served (Safari 15.4, Chrome 99, Firefox 115) have not: not used, or not needed."""
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]
NEWER = {
    ".mjs": {
        "requestSubmit": r"\.requestSubmit\b",  # Safari 16: press the button
        "what only HTTPS has": r"\brandomUUID\b|crypto\.subtle",
        "FormData with a button": r"new FormData\([^()]*(\([^()]*\)[^()]*)*,",  # Safari 17
        "ARIA as properties": r"\.aria[A-Z]\w+",  # Firefox 119
        "arrays that are copied": r"\.(toSorted|toReversed|toSpliced)\(",
        "groupBy, fromAsync, withResolvers": r"\.(groupBy|fromAsync|withResolvers|canParse|checkVisibility)\(",
        "popovers, transitions": r"\.(showPopover|togglePopover|startViewTransition|closedBy)\b",
        "signals with a time": r"AbortSignal\.(timeout|any)\b",
        "looking behind": r"\(\?<[=!]",  # Safari 16.4: the whole module would not be read
        "blocks in classes": r"\bstatic \{",
        "idle time, schedulers": r"\b(requestIdleCallback|scheduler\.|navigation\.|Intl\.(Segmenter|DurationFormat))",
        "sets and iterators": r"\.(union|intersection|isSubsetOf)\(|Iterator\.",
    },
    ".css": {
        ":has": r":has\(",  # Firefox 121, Chrome 105
        "color-mix": r"color-mix\(",
        "turning and moving by their own names": r"[\s;{](rotate|translate|scale):",  # Chrome 104
        "dvh": r"\d[dsl]v[hw]\b",
        "nesting, containers, scopes": r"@(container|scope|starting-style|property)\b|[;{}]\s*&",
        "ranges of widths": r"@media[^{]*[<>]",
        "colours of tomorrow": r"light-dark\(|oklch\(|oklab\(|\bfrom var\(",
        "subgrid and user-invalid": r"\bsubgrid\b|:user-(in)?valid\b|text-box",
    },
}
# Where nothing is lost without it: the selector or the declaration as it stands, and what is there instead.
WITHOUT = (
    "min-block-size: 100vh; min-block-size: 100dvh",  # the line before
    "max-block-size: calc(100vh - 2rem); max-block-size: calc(100dvh - 2rem)",
    "border: 1px solid; border-color: color-mix(in srgb, var(--c) 30%, transparent)",  # the word's colour
    ".row-table:not(.shown, .blank) tr:has(.dates) :is(th[scope=row], td:last-child)",  # cells a line higher
    ".row-table tr:has(.dates) td:not(:has(.dates))",
    "tr:last-child:has(th strong)",  # a thinner line above the sum
    ".reach:not(:has(> .button))",  # an empty bar
    # animation-timeline came after :has
    ".scroll:has(> table) { display: grid", ".scroll:has(> table)::after",
    "@supports selector(:has(a))", "body:has(.sheet-body > .reach > .button)",
)


@pytest.mark.parametrize("ending", NEWER)
def test_nothing_is_needed_that_an_engine_we_serve_has_not(ending: str) -> None:
    found = []
    for place in sorted((ROOT / "static").rglob(f"*{ending}")):
        if place.name == "papers.css":  # drawn here, by our own engine
            continue
        text = re.sub(r"/\*.*?\*/|^\s*//.*?$|(?<=[;{}]) // .*?$", "", place.read_text(), flags=re.S | re.M)
        for allowed in WITHOUT:
            text = text.replace(allowed, "")
        found += [f"{place.name}: {name}: {match[0]!r}" for name, pattern in NEWER[ending].items()
                  for match in re.finditer(pattern, text)]
    assert found == []


def test_exact_colours_in_print_are_asked_for_by_both_names() -> None:
    """Chrome knew only the one with its prefix until 136."""
    for place in (ROOT / "static/css").glob("*.css"):
        text = place.read_text()
        plain = len(re.findall(r"(?<!-)print-color-adjust", text))
        assert plain == text.count("-webkit-print-color-adjust"), place.name
