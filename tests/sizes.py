"""How often and how many: enough in the suite to be seen failing, and at full size in `make soak`."""
import os

SOAKING = bool(os.environ.get("PORTAL_TEST_SOAK"))


def times(in_suite: int, in_soak: int) -> int:
    """The size in force: the larger where PORTAL_TEST_SOAK is set, as `make soak` does."""
    return in_soak if SOAKING else in_suite
