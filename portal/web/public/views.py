"""Pages for everybody. Nothing here is personal; the same answer goes to all, so it may be kept."""
from dataclasses import replace
from typing import Any

from flask import Response, abort, jsonify, redirect, render_template, request, url_for

from portal.catalogue import openings, queries
from portal.catalogue.directory import LEVELS, AgencyFact, Offer
from portal.catalogue.life_events import LIFE_EVENTS, LifeEvent
from portal.forms import blank
from portal.kit import clock
from portal.kit.caching import public_cache
from portal.kit.i18n import _
from portal.statistics import queries as statistics
from portal.web.guard import anyone
from portal.web.public import bp
from portal.web.public.forms import LONGEST_QUERY, Asked, Search
from portal.web.public.sheet import sheet_of
from portal.web.terms import procedure_name

SHORT, HOUR, DAY = 60, 3600, 86_400
SUGGESTIONS = 8
MOST_AFTER = 10_000


@bp.get("/")
@anyone
@public_cache(SHORT)
def home() -> str:
    """Search, where is my dossier, what people come for, levels, live figures."""
    events: dict[str, list[tuple[LifeEvent, list[Any]]]] = {"citizen": [], "business": []}
    for event in LIFE_EVENTS:
        found = [p for p in map(queries.procedure, event.codes) if p is not None]
        if found:
            events[event.audience].append((event, found))
    counts = queries.procedure_counts()
    return render_template("public/home.html", events=events, live=statistics.national_figures(), today=clock.today(),
                           levels=LEVELS, counts=counts, total=queries.search(size=0).total)


@bp.get("/services")
@anyone
@public_cache(SHORT)
def services() -> str:
    """Search and browse; all facets combine and each can be taken away."""
    form = Search(request.args)
    asked = form.asked()
    literal: dict[str, Any] = {"literal": 1} if request.args.get("literal") == "1" else {}
    typed, meant = asked, None if literal or not asked.q else queries.understand(asked.q)
    if meant and meant.place:
        asked = replace(asked, q=meant.words, agency=asked.agency or (meant.agency.key if meant.agency else None))
    after = min(max(request.args.get("after", 0, type=int), 0), MOST_AFTER)
    page = queries.search(asked.q, level=asked.level, agency=asked.agency, sector=asked.sector,
                          audience=asked.audience, after=after, literal=bool(literal))
    form.offer(asked, page)
    following = url_for(".services", **asked.arguments(), **literal, after=page.after) if page.after else None
    previous = url_for(".services", **asked.arguments(after=max(after - queries.PAGE_SIZE, 0) or None), **literal) \
        if after else None
    return render_template("public/services.html", form=form, asked=asked, page=page, chosen=_chosen(asked),
                           meant=meant, as_words=url_for(".services", **typed.arguments(), literal=1),
                           everywhere=url_for(".services", **asked.arguments(agency=None)),
                           knowing=_knowing(page), sectors=len(queries.sectors()),
                           agency=queries.agency(asked.agency or ""), following=following, previous=previous,
                           unfiltered=queries.search(asked.q, size=0).total if not page.total else 0)


def _knowing(page: queries.Page) -> list[AgencyFact]:
    """The agencies that would know what is asked for elsewhere."""
    return [found for key in (page.topic.agencies if page.topic else ()) if (found := queries.agency(key))]


def _chosen(asked: Asked) -> list[tuple[str, str]]:
    """(words, address without it) for each facet that is set."""
    words: dict[str, str] = {}
    if asked.level:
        words["level"] = _("Level %(n)s", n=asked.level)
    if agency := queries.agency(asked.agency or ""):
        words["agency"] = agency.short_name
    if sector := queries.sector(asked.sector or ""):
        words["sector"] = sector.name
    if asked.audience:
        words["audience"] = _("Citizens") if asked.audience == "citizen" else _("Businesses")
    return [(text, url_for(".services", **asked.arguments(**{name: None}))) for name, text in words.items()]


@bp.get("/services/suggest")
@anyone
@public_cache(HOUR, browser=SHORT)
def suggest() -> Response:
    """Names to choose from while somebody types; with a place among the words, the services of that place."""
    q = request.args.get("q", "")[:LONGEST_QUERY]
    place = queries.understand(q).agency if q.strip() else None
    return jsonify([{
        "name": procedure_name(p), "code": p.code, "sector": p.sector.name,
        **({"agency": place.short_name} if place else {}),
        "url": url_for(".service", agency=place.key, code=p.code) if place else url_for(".procedure", code=p.code),
    } for p in queries.suggestions(q, SUGGESTIONS)])


@bp.get("/procedures/<code>")
@anyone
@public_cache(SHORT)
def procedure(code: str) -> Any:
    """Choose where: what each agency offers. Where there is one agency only, its sheet at once."""
    found = queries.procedure(code)
    if found is None:
        return _unknown(code)
    offers = queries.services_of(code)
    if len(offers) == 1:
        return redirect(url_for(".service", agency=offers[0].agency.key, code=code))
    groups: list[tuple[str, list[Offer]]] = [
        (_("Choose your province or city"), [o for o in offers if o.agency.is_province]),
        (_("Central bodies"), [o for o in offers if not o.agency.is_province])]
    return render_template("public/procedure.html", procedure=found, offers=offers,
                           groups=[(title, group) for title, group in groups if group],
                           alike=len({o.version.id for o in offers}) == 1)


@bp.get("/services/<agency>/<code>")
@anyone
@public_cache(SHORT)
def service(agency: str, code: str) -> Any:
    """A service's sheet."""
    found = queries.service(agency, code)
    if found is None:
        return _unknown(code, agency)
    return render_template("public/service.html", service=found, sheet=sheet_of(found),
                           opening=openings.of(found, clock.today()), agency=queries.agency(agency),
                           elsewhere=len(queries.services_of(code)) - 1)


@bp.get("/services/<agency>/<code>/form")
@anyone
@public_cache(HOUR)
def blank_form(agency: str, code: str) -> Any:
    """The form of a service on paper: lines to write on, boxes to tick."""
    found = queries.service(agency, code)
    if found is None or found.version.form is None:
        return _unknown(code, agency)
    definition = found.version.form.definition
    return render_template("public/blank_form.html", service=found, definition=definition,
                           parts=blank.blank_form(definition), agency=queries.agency(agency))


@bp.get("/agencies")
@anyone
@public_cache(SHORT)
def agencies() -> str:
    """How many services of each level every agency offers."""
    by_agency, nation = queries.level_counts()
    listed = queries.agencies_current()
    groups = [(_("Provinces and cities"), [a for a in listed if a.is_province and a.key in by_agency]),
              (_("Central bodies"), [a for a in listed if not a.is_province and a.key in by_agency])]
    return render_template("public/agencies.html", groups=groups, counts=by_agency, nation=nation,
                           levels=LEVELS, without=[a for a in listed if a.key not in by_agency])


@bp.get("/sectors")
@anyone
@public_cache(SHORT)
def sectors() -> str:
    """All sectors with the number of their procedures, by first letter."""
    counts = queries.sector_counts()
    letters: dict[str, list[tuple[Any, int]]] = {}
    for sector in queries.sectors():
        letters.setdefault(sector.name[:1], []).append((sector, counts.get(sector.slug, 0)))
    return render_template("public/sectors.html", letters=letters, total=len(queries.sectors()))


@bp.get("/about")
@anyone
@public_cache(HOUR)
def about() -> str:
    """What this is, where the facts come from, what is a sample."""
    return render_template("public/about.html", counts=queries.procedure_counts(),
                           total=queries.search(size=0).total)


@bp.get("/wards/<gso>")
@anyone
@public_cache(DAY, browser=DAY)
def wards(gso: str) -> Response:
    """The wards of a province by its statistics code, for address questions: /wards/01.json or /wards/01."""
    found = queries.wards(gso.removesuffix(".json"))
    if not found:
        abort(404)
    return jsonify([{"code": ward.code, "name": ward.name} for ward in found])


@bp.get("/robots.txt")
@anyone
@public_cache(DAY, browser=DAY)
def robots() -> Response:
    """Search engines may read the sheets; lists with filters would only lead them in circles."""
    lines = ("User-agent: *", "Disallow: /services?", "Disallow: /services/suggest",
             "Disallow: /en/services?", "Disallow: /wards/", "Disallow: /my/", "Disallow: /apply/", "Allow: /")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def _unknown(code: str, agency: str | None = None) -> tuple[str, int]:
    """No such service: what has that code elsewhere, what has nearly that code, and a search box."""
    known = queries.procedure(code)
    near = [] if known else queries.suggestions(code[:40], 5)
    return render_template("public/unknown.html", code=code[:40], known=known, agency=queries.agency(agency or ""),
                           near=near), 404
