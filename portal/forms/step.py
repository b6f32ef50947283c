"""One step of a form as a page: from its questions to a WTForms class, and from what was typed to answers."""
from collections.abc import Mapping
from typing import Any

from portal.forms.application import Application
from portal.forms.types import TYPES
from portal.forms.types.question import fields_for, named
from portal.forms.types.rows import RowsField
from portal.kit.forms import Answer, Form
from portal.kit.i18n import _


class StepForm(Form):
    """The questions of one step."""

    def problems(self) -> list[tuple[str, str]]:
        """In the summary every message names its question: there, none stands beside it."""
        found = [("", str(message)) for message in self.form_errors]
        for field in self:
            if isinstance(field, RowsField):
                found += field.problems()
            elif isinstance(field, Answer):
                found += [(target, named(field.label.text, message)) for target, message in field.problems()]
            else:
                found += [("", _(str(message))) for message in field.errors]
        return found


def form_for(step: Mapping[str, Any]) -> type[StepForm]:
    """A form class with the questions of one step, in order. Unknown kinds raise KeyError."""
    return type("Step", (StepForm,), fields_for(step["fields"], TYPES))


def right_answers(step: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """What was right among the answers of a page that was judged, as JSON, by key; files are no answers."""
    right: dict[str, Any] = {}
    for q in step["fields"]:
        kind = TYPES[q["kind"]]
        keep, value = form[q["key"]].keepable()
        if keep and not kind.of_file:
            right[q["key"]] = kind.dump(q, value)
    return right


def blame_rules(application: Application, step: Mapping[str, Any], form: Form) -> bool:
    """Say on the page of a step which rules its answers break, together with what was answered on other pages.

    At the question that mends it, where that stands on this page, else at the last question here that the rule speaks
    about. Returns whether a rule is broken.
    """
    here = [q["key"] for q in step["fields"]]
    found = False
    for rule, problem in application.broken:
        roots = {key.partition(".")[0] for key in rule.fields}
        touched = [key for key in here if key in roots]
        if not touched:
            continue
        root = problem.key.partition("-")[0]
        target = problem.key if root in here else touched[-1]
        form[target.partition("-")[0]].blame(target, problem.message)
        found = True
    return found
