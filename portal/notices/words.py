"""The words of a notice: templates/notices/<name>/{subject,body}.txt, in the language of who reads them."""
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal.kit import i18n
from portal.kit.i18n import speaking

FOLDER = Path(__file__).parents[2] / "templates" / "notices"


@cache
def _environment() -> Environment:
    """Plain text: nothing is escaped, and an unknown fact is an error."""
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=False, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(say=i18n.say, day=i18n.day, short_day=i18n.short_day, moment=i18n.moment,
                               ending=i18n.ending, money=i18n.money)
    return environment



def write(name: str, language: str, **facts: Any) -> tuple[str, str]:
    """(subject, body) of the notice `name`. The subject is one line of at most 300 characters."""
    with speaking(language):
        subject, body = (_environment().get_template(f"{name}/{part}.txt").render(lang=language, **facts)
                         for part in ("subject", "body"))
    return " ".join(subject.split())[:300], body.strip() + "\n"
