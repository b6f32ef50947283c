"""What charts and figures need to be read: an axis of round numbers, and numbers that no line breaks."""
import re
from itertools import count
from typing import Final

from markupsafe import Markup, escape

from portal.web.progress import bp

MOST_PARTS: Final = 5  # of an axis: more would run into each other on a phone
_NUMBER: Final = re.compile(r"(?:[A-Z]+\d*-)?\d[\d.,:/-]*\d")


@bp.app_template_global("axis")
def axis(most: int, whole: bool = False) -> tuple[int, ...]:
    """The numbers under a chart: from 0, in steps of 1, 2 or 5 and noughts, to one that is not less than the largest
    bar; `whole`: to `most` itself, which is all that there is."""
    if whole and most > 0:
        return (0, most)
    most = max(most, 1)
    step, parts = next((step, -(-most // step)) for power in count() for first in (1, 2, 5)
                       if (step := first * 10**power) * MOST_PARTS >= most)
    return tuple(step * n for n in range(parts + 1))


@bp.app_template_filter("whole")
def whole_numbers(text: str) -> Markup:
    """Numbers, days and codes in a text, each kept on one line."""
    return Markup(_NUMBER.sub(r'<span class="number">\g<0></span>', str(escape(text))))
