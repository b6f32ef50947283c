"""Versions of templates. A version stays as it is; whatever is changed makes the next one. Nothing here commits."""
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.kit.db import session
from portal.oversight.models import ReportIndicator, ReportTemplate
from portal.oversight.reports import templates
from portal.people.models import Person


class AddedAtOnce(Exception):
    """Somebody else added the same version in this moment."""


def load_shipped() -> int:
    """Store the templates that come with the portal, each as a version of its own where it was not stored before;
    returns how many are new."""
    known = {tuple(row) for row in session.execute(select(ReportTemplate.key, ReportTemplate.digest))}
    new = [one for one in templates.shipped() if (one.key, templates.digest(one.definition)) not in known]
    for one in new:
        add(one.key, one.definition, every=one.every, owes=one.owes, source=one.source, by=None)
    return len(new)


def add(key: str, definition: Mapping[str, Any], *, every: str, owes: str, source: str = "",
        by: Person | None) -> ReportTemplate:
    """The next version of a template; the newest itself where it says the same. ValueError as of templates.read;
    AddedAtOnce."""
    read = templates.read(definition)
    before = newest(key)
    digest = templates.digest(definition)
    if before is not None and (before.digest, before.every, before.owes) == (digest, every, owes):
        return before
    made = ReportTemplate(key=key, version=before.version + 1 if before else 1, title=dict(read.form["title"]),
                          every=every, owes=owes, definition=dict(definition), digest=digest, source=source[:300],
                          created_by_id=by.id if by else None)
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:
        raise AddedAtOnce(key) from error
    _keep_indicators(made, read)
    return made


def newest(key: str) -> ReportTemplate | None:
    """The version that is asked from now on."""
    return session.scalar(select(ReportTemplate).where(ReportTemplate.key == key).order_by(
        ReportTemplate.version.desc()).limit(1))


def _keep_indicators(template: ReportTemplate, read: templates.Template) -> None:
    """What its figures are called is as the newest version says."""
    for figure in read.figures:
        if figure.indicator is None:
            session.merge(ReportIndicator(
                key=figure.key(template.key), theme=figure.theme, words=dict(figure.words), means=dict(figure.means),
                unit=figure.unit, grows=figure.grows, template_id=template.id))
    session.flush()
