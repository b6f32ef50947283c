"""The pages of this door that stand beside each other, and who finds which: one table for the bar and for the entry of
the main navigation."""
from typing import Any, NamedTuple

from flask import current_app, request, url_for

from portal.kit.i18n import _, _l
from portal.people import permissions as roles
from portal.people.models import Person
from portal.web.government import bp
from portal.web.guard import me


class Tab(NamedTuple):
    """A page that has an entry. `permissions`: any of these, somewhere; `also`: endpoints of what belongs to it."""

    endpoint: str
    words: Any
    permissions: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def room(self) -> Any:
        """What the main navigation calls these pages for somebody whose first one this is."""
        return _("Tasks") if self.permissions[0].startswith("directive.") else _("Documents")


#: In their order. A page that is not there has no entry.
TABS = (
    Tab("government.incoming", _l("Incoming documents"), ("document.read",), (
        "government.copy", "government.refuse_copy", "government.assign_copy", "government.answer_recall")),
    Tab("government.outgoing", _l("Outgoing documents"), ("document.read",), (
        "government.document", "government.receiver", "government.compose", "government.write",
        "government.send_document", "government.recall", "government.update")),
    Tab("government.directives", _l("Tasks to decide"), ("directive.watch",), (
        "government.directive", "government.new_directive", "government.say_condition_met",
        "government.remind_late", "government.remind_task", "government.import_directives",
        "government.directive_import")),
    Tab("government.directive_list", _l("All tasks"), ("directive.watch",)),
    Tab("government.agency_tasks", _l("Tasks of agencies"), ("directive.read",), ("government.task",)),
    Tab("government.reports", _l("Reports of agencies"), ("report.read",), (
        "government.report", "government.fill_report", "government.check_report", "government.review_report",
        "government.submit_report", "government.decide_report", "government.fill_report_again")),
    Tab("government.report_periods", _l("Periods of reports"), ("report.watch",), (
        "government.report_period", "government.open_report_period", "government.add_to_period",
        "government.compare_reports", "government.report_templates", "government.report_template",
        "government.new_report_template")),
    Tab("government.agency_plans", _l("Plans of agencies"), ("plan.register", "report.watch"), (
        "government.agency_plan", "government.register_plan", "government.withdraw_plan")),
    Tab("government.rankings", _l("Indices and rankings"), ("ranking.manage",), (
        "government.ranking", "government.take_survey", "government.say_value", "government.publish_index")),
    Tab("government.score", _l("Score of Decision 766"), ("score.read",), (
        "government.score_of", "government.score_indicator")),
    Tab("government.score_board", _l("Scores of Decision 766"), ("score.watch",), (
        "government.score_answers", "government.publish_score")),
    Tab("government.national_drafts", _l("National report"), ("national.draft",), (
        "government.national_draft", "government.begin_national", "government.save_national",
        "government.publish_national")),
    Tab("government.unmatched", _l("Not matched"), ("document.match", "exchange.manage"),
        ("government.unmatched_one", "government.dismiss_unmatched", "government.decide_conflict",
         "government.learned")),
    Tab("government.connections", _l("Connections"), ("exchange.watch", "exchange.manage", "exchange.connect"),
        ("government.agency_connections",)),
    Tab("government.participants", _l("Participants"), ("exchange.manage", "exchange.connect"), (
        "government.participant", "government.ask_participant", "government.decide_participant",
        "government.change_participant", "government.renew_secret", "government.end_participant",
        "government.pin_certificate", "government.refuse_participant")),
    Tab("government.parked", _l("Parked messages"), ("exchange.manage",)),
    Tab("government.conformance", _l("Conformance"), ("exchange.watch", "exchange.manage", "exchange.connect"),
        ("government.system_conformance",)),
    Tab("government.laboratory", _l("Laboratory"), (
        "document.read", "document.match", "exchange.watch", "exchange.manage", "exchange.connect")),
)


def of(person: Person | None) -> list[Tab]:
    """Those whose page the person may enter."""
    return [tab for tab in TABS if person is not None and tab.endpoint in current_app.view_functions
            and any(roles.may(person, name) for name in tab.permissions)]


def entry(person: Person | None) -> Tab | None:
    """Where this person begins; None who has nothing to do here."""
    return next(iter(of(person)), None)


def shown() -> list[tuple[Any, str, bool]]:
    """(words, url, chosen) of each."""
    here = request.endpoint or ""
    return [(tab.words, url_for(tab.endpoint), here in (tab.endpoint, *tab.also)) for tab in of(me())]


@bp.app_context_processor
def _for_pages() -> dict[str, Any]:
    return {"government_tabs": shown, "government_entry": entry}
