"""The words for states, steps and statuses, one place for every door. Lazy: said in the reader's language.

Those of states and steps stand in the table of `portal/dossiers/states.py`; here they become words for a page.
"""
from portal.dossiers.states import STATES, STEPS, Look, State, Step
from portal.kit.i18n import Later, _l
from portal.law import statuses

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
