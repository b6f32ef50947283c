"""What the Government asked, and who delivers: tasks, reports, the national report, scores."""
from portal.web.government.oversight import (
    directive_list,  # noqa: F401
    directives,  # noqa: F401
    imports,  # noqa: F401
    national,  # noqa: F401
    periods,  # noqa: F401
    plans,  # noqa: F401
    rankings,  # noqa: F401
    report_check,  # noqa: F401
    report_step,  # noqa: F401
    report_templates,  # noqa: F401
    reports,  # noqa: F401
    score,  # noqa: F401
    score_board,  # noqa: F401
    side_by_side,  # noqa: F401
    tasks,  # noqa: F401
)
