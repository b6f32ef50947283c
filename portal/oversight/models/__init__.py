"""The tables of this room."""
from portal.oversight.models.directives import (
    Assignment,
    Directive,
    EventsNeverChange,
    OversightEvent,
    ProbeReading,
)
from portal.oversight.models.figures import PublishedFigure, ReadinessRank

__all__ = ["Assignment", "Directive", "EventsNeverChange", "OversightEvent", "ProbeReading", "PublishedFigure",
           "ReadinessRank"]
