"""The words for states, steps and statuses, one place for every door. Lazy: said in the reader's language.

Those of states and steps stand in the table of `portal/dossiers/states.py`; here they become words for a page.
"""
from datetime import datetime

from portal.dossiers.states import STATES, STEPS, Look, State, Step
from portal.kit import clock
from portal.kit.i18n import Later, _, _l, translated
from portal.law import papers, statuses
from portal.law.limits import Limit
from portal.law.wording import limit_words

STATE_WORDS: dict[State, Later] = {state: _l(rule.words) for state, rule in STATES.items()}
# On the desk it is the applicant who waits or is waited for, never "you".
DESK_STATES: dict[State, Later] = {state: _l(rule.desk or rule.words) for state, rule in STATES.items()}
# What happens next, said to the applicant.
NEXT_WORDS: dict[State, Later] = {state: _l(rule.next) for state, rule in STATES.items()}
STATE_LOOKS: dict[State, Look] = {state: rule.look for state, rule in STATES.items()}

STEP_WORDS: dict[Step, Later] = {step: _l(rule.words) for step, rule in STEPS.items()}
# A step as something to do.
DO_WORDS: dict[Step, Later] = {step: _l(rule.do) for step, rule in STEPS.items() if rule.do}

# The national vocabulary (TrangThaiHoSo), word for word in Vietnamese.
STATUS_WORDS = {status: _l(words) for status, words in statuses.WORDS.items()}


def limit_in_words(limit: Limit) -> str:
    """A time limit as pages say it."""
    return translated(limit_words(limit))


def paper_name(kind: str, issued_at: datetime) -> str:
    """The name of a paper with the number of its form, in the edition of the day on which it was issued."""
    if kind not in papers.WORDS:
        return kind
    words, form = _(papers.WORDS[papers.PaperKind(kind)]), papers.form_at(kind, clock.day_of(issued_at))
    return _("%(paper)s (form %(number)s)", paper=words, number=form.number) if form else words
