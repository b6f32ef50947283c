"""Who delivers what the Government asked, for everybody."""
from portal.web.progress.oversight import (
    agency_figures,  # noqa: F401
    directives,  # noqa: F401
    figures,  # noqa: F401
    indicator_figures,  # noqa: F401
    indices,  # noqa: F401
    national,  # noqa: F401
    plans,  # noqa: F401
    reports,  # noqa: F401
    score,  # noqa: F401
    tasks,  # noqa: F401
)
