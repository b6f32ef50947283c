"""What of this room nobody rewrites, beside what stands below it (portal/exchange/rows.py). Pure."""
from portal.exchange import rows as exchange

APPEND_ONLY = (*exchange.APPEND_ONLY, "oversight_event", "oversight_report_event", "oversight_publication")
