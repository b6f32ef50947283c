"""Two languages: Vietnamese at /…, English at /en/…; msgids are English.

The language is in the address, so that a page can be linked, cached and shared in its language. A
WSGI middleware moves /en into SCRIPT_NAME: url_for then stays in the reader's language by itself.
"""
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from portal.kit import clock
from portal.kit.addresses import public_url
from portal.kit.text import Dong, Message

LANGUAGES = ("vi", "en")
PREFIXES = ("", "/en")  # of addresses, in the same order
CATALOGUES = Path(__file__).parents[1] / "translations"

__all__ = ["LANGUAGES", "Later", "_", "_l", "form_of", "lang", "ngettext", "say"]


@cache
def _catalogue(language: str) -> NullTranslations:
    """The words of one language, read once; English is what the source says."""
    return NullTranslations() if language == "en" else Translations.load(CATALOGUES, [language])


def _(message: str, **values: Any) -> str:
    """`message` in the reader's language, with its %(name)s filled in."""
    words: str = _catalogue(lang()).ugettext(message)
    return words % values if values else words


@pass_eval_context
def _in_template(around: EvalContext, message: str, /, **values: Any) -> str:
    """`_` of templates. What is filled in is escaped where the template escapes; the words themselves are ours."""
    if not around.autoescape:
        return str(_catalogue(lang()).ugettext(message)) % values
    return _markup(message, lang()) % values if values else _markup_alone(message, lang())


@cache
def _markup(message: str, language: str) -> Markup:
    return Markup(_catalogue(language).ugettext(message))


@cache
def _markup_alone(message: str, language: str) -> Markup:
    return _markup(message, language) % {}


def form_of(one: str, many: str, num: int) -> str:
    """The form of the words for `num` things, nothing filled in."""
    return str(_catalogue(lang()).ungettext(one, many, num))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The form for `num` things; %(num)s or %(num)d is filled in."""
    return form_of(one, many, num) % {"num": num, **values}


class Later:
    """Words that are looked up each time they are shown, because a module is read before there is a reader."""

    __slots__ = ("message", "values")

    def __init__(self, message: str, **values: Any) -> None:
        self.message, self.values = message, values

    def __str__(self) -> str:
        return _(self.message, **self.values)

    def __repr__(self) -> str:
        return f"Later({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | Later) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.message)

    def __mod__(self, values: Any) -> str:
        return str(self) % values

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what str does not promise to protocols (copying, __html__), this does not either
            raise AttributeError(name)
        return getattr(str(self), name)


_l = Later


class LanguagePrefix:
    """Moves a leading /en from the path into SCRIPT_NAME."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/en" or path.startswith("/en/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/en"
            environ["PATH_INFO"] = path[3:] or "/"
        return self.app(environ, start_response)


def lang() -> str:
    """The language in use: "vi" or "en"."""
    try:
        return str(g.lang)
    except (AttributeError, RuntimeError):  # nobody asks: a job, a command, a module that is being read
        return _asked_in() if has_request_context() else "vi"


def _asked_in() -> str:
    return "en" if request.root_path.endswith("/en") else "vi"


def _listen() -> None:
    """Said once a request: a page asks for it at each of its words."""
    g.lang = _asked_in()


def _forget(_error: BaseException | None) -> None:
    g.pop("lang", None)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Words are in this language meanwhile, whoever reads the page: for what is written for somebody else."""
    before = g.get("lang")
    g.lang = language
    try:
        yield
    finally:
        if before is None:
            g.pop("lang")
        else:
            g.lang = before


def say(words: Mapping[str, str] | str | None) -> str:
    """The words of a two-language value in the reader's language, Vietnamese where there is no other."""
    if words is None:
        return ""
    if isinstance(words, str):
        return words
    return words.get(lang()) or words.get("vi", "")


def translated(message: Message) -> str:
    """A message of a pure rule in the reader's language; days and moments in their short form."""
    values = {name: _value_in_words(value) for name, value in message.values.items()}
    if message.plural:
        num = message.values["num"]
        assert isinstance(num, int)
        return form_of(message.msgid, message.plural, num) % values
    words: str = _catalogue(lang()).ugettext(message.msgid)
    return words % values if values else words


def _value_in_words(value: object) -> str:
    if isinstance(value, Message):
        return translated(value)
    if isinstance(value, Mapping):
        return say(value)
    if isinstance(value, Dong):
        return money(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.VN):%H:%M, %d/%m/%Y}"
    return day(value) if isinstance(value, date) else str(value)


def origin() -> str:
    """This portal's scheme and host, as the operators say it. Never as it was asked: a page that is kept for everybody
    must not lead where the first who asked for it wanted."""
    return public_url()


def this_url() -> str:
    """This very page, whole, without its arguments."""
    return public_url() + request.script_root + request.path


def other_language_url() -> str:
    """This very page in the other language."""
    path = request.full_path if request.query_string else request.path
    if request.method not in ("GET", "HEAD"):
        path = request.path
    return path if lang() == "en" else f"/en{path}"


def _day(value: date | datetime | None) -> date | None:
    return clock.day_of(value) if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """Thứ Năm, 26/11/2026 — Thursday, 26 November 2026."""
    return "—" if (d := _day(value)) is None else _day_in_words(d, lang())


@lru_cache(maxsize=2_000)
def _day_in_words(d: date, language: str) -> str:
    if language == "en":
        return format_date(d, "EEEE, d MMMM y", locale="en_GB")
    return f"{format_date(d, 'EEEE', locale='vi')}, {d:%d/%m/%Y}"


def short_day(value: date | datetime | None) -> str:
    """26/11/2026 in both languages: the order is the country's."""
    return "—" if (d := _day(value)) is None else f"{d:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """16 giờ 30, Thứ Năm, 26/11/2026 — 16:30, Thursday, 26 November 2026."""
    return "—" if value is None else _moment_in_words(value, lang())


@lru_cache(maxsize=2_000)
def _moment_in_words(value: datetime, language: str) -> str:
    local = value.astimezone(clock.VN)
    hour = f"{local:%H:%M}" if language == "en" else f"{local.hour} giờ {local:%M}"
    return f"{hour}, {_day_in_words(local.date(), language)}"


def ending(value: datetime | None) -> str:
    """A moment until which something may be done: midnight closes the day before it, as 24:00 of that day."""
    if value is None or value.astimezone(clock.VN).time() != time():
        return moment(value)
    hour = "24:00" if lang() == "en" else "24 giờ 00"
    return f"{hour}, {_day_in_words(clock.day_of(value) - timedelta(days=1), lang())}"


def number(value: int | float) -> str:
    """12.345 in Vietnamese, 12,345 in English."""
    return format_decimal(value, locale="en_GB" if lang() == "en" else "vi")


def money(value: int | None) -> str:
    """10.000 ₫, with a space that does not break."""
    return "—" if value is None else f"{number(value)}\N{NO-BREAK SPACE}₫"


def init_app(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda s: _catalogue(lang()).ugettext(s),
        ngettext=lambda s, p, n: _catalogue(lang()).ungettext(s, p, n), newstyle=True)
    app.jinja_env.globals["_"] = _in_template  # the extension's own asks its context twice for every word
    app.before_request(_listen)
    app.teardown_request(_forget)
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.filters.update(say=say, day=day, short_day=short_day, moment=moment, ending=ending, number=number,
                                 money=money)
    app.jinja_env.globals.update(lang=lang, this_url=this_url, origin=origin, other_language_url=other_language_url)
