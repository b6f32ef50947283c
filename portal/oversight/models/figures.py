from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import clock
from portal.kit.db import Base
from portal.oversight import figures


class PublishedFigure(Base):
    """A figure as it was published (see figures.Figure). Two reports of one day that disagree are two rows.

    `value`: a decimal number as text, so that both databases give back the very digits.
    """

    __tablename__ = "oversight_figure"
    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(80))
    group: Mapped[str] = mapped_column("group_key", String(20))
    on: Mapped[date] = mapped_column("on_day")
    value: Mapped[str] = mapped_column(String(24))
    as_published: Mapped[str] = mapped_column(String(120))
    denominator: Mapped[int | None]
    share: Mapped[str] = mapped_column(String(12), default="")
    other_denominator: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(300))
    confidence: Mapped[str] = mapped_column(String(1))
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)
    __table_args__ = (UniqueConstraint("on_day", "indicator", "group_key", "source"),
                      Index("ix_oversight_figure_newest", "group_key", "indicator", "on_day"),
                      Index("ix_oversight_figure_day", "group_key", "on_day"),
                      Index("ix_oversight_figure_indicator", "indicator", "group_key", "on_day"))

    @property
    def figure(self) -> figures.Figure:
        """As the rules read it."""
        return figures.Figure(
            self.indicator, self.group, Decimal(self.value), self.as_published, self.denominator, self.on, self.source,
            self.share, self.other_denominator, self.confidence, tuple(self.names))


class ReportIndicator(Base):
    """An indicator that reports measure, beside those of figures.INDICATORS. `key`: "<template>.<field>"; `words`,
    `means` in "vi" and "en"."""

    __tablename__ = "oversight_indicator"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    theme: Mapped[str] = mapped_column(String(20))
    words: Mapped[dict[str, str]] = mapped_column(JSON)
    means: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    unit: Mapped[str] = mapped_column(String(20))
    grows: Mapped[bool] = mapped_column(default=False, server_default=false())
    template_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_template.id"), index=True)
