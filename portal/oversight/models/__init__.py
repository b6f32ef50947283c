"""The tables of this room."""
from portal.oversight.models.directives import (
    Assignment,
    Directive,
    DirectiveImport,
    EventsNeverChange,
    OversightEvent,
    ProbeReading,
    TaskTally,
)
from portal.oversight.models.figures import PublishedFigure, ReportIndicator
from portal.oversight.models.publications import NationalDraft, Publication, PublicationFile, PublishedNeverChanges
from portal.oversight.models.reports import (
    ActionPlan,
    Report,
    ReportEvent,
    ReportPeriod,
    ReportsNeverForget,
    ReportTemplate,
)
from portal.oversight.models.scores import IndexDefinition, IndexValue, PortalAnswer, ScoreReading

__all__ = ["ActionPlan", "Assignment", "Directive", "DirectiveImport", "EventsNeverChange", "IndexDefinition",
           "IndexValue", "NationalDraft", "OversightEvent", "PortalAnswer", "ProbeReading", "Publication",
           "PublicationFile", "PublishedFigure", "PublishedNeverChanges", "Report", "ReportEvent", "ReportIndicator",
           "ReportPeriod", "ReportTemplate", "ReportsNeverForget", "ScoreReading", "TaskTally"]
