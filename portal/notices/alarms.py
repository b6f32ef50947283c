"""What administrators must be told at once: a stored object that is gone or altered."""
from portal.files import faults
from portal.files.models import Fault
from portal.notices import actions
from portal.people import security_log
from portal.people.permissions import Role


def of_file(file_id: int, fault: Fault | None) -> None:
    """Note what was found of a stored object; a fault that nobody knew yet is an alarm in the log and a notice."""
    if faults.note(file_id, fault) and fault:
        security_log.record("file.changed", file=file_id, fault=str(fault))
        actions.tell_role(Role.portal_administrator, None, "file_fault", file_id=file_id, fault=str(fault))
