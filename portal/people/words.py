"""What roles and units are called, for every door and letter. Lazy: said in the reader's language."""
from collections.abc import Mapping

from portal.kit.i18n import Later, _l
from portal.people.models import UnitKind
from portal.people.permissions import Role

ROLE_WORDS: Mapping[str, Later] = {
    Role.counter_officer: _l("Counter officer"),
    Role.case_officer: _l("Case officer"),
    Role.head_of_unit: _l("Head of unit"),
    Role.clerk: _l("Clerk"),
    Role.fee_collector: _l("Fee collector"),
    Role.result_officer: _l("Result officer"),
    Role.drafter: _l("Drafter of reports"),
    Role.leader: _l("Leader who approves"),
    Role.read_only: _l("Read-only"),
    Role.agency_administrator: _l("Agency administrator"),
    Role.overseer: _l("Overseer of the Government Office"),
    Role.portal_administrator: _l("Portal administrator"),
}

UNIT_KIND_WORDS: Mapping[str, Later] = {
    UnitKind.central: _l("Central unit"),
    UnitKind.department: _l("Department"),
    UnitKind.commune: _l("Ward or commune"),
    UnitKind.counter: _l("Service counter"),
}
