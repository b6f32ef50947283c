"""Every paper that can be issued: reading these files registers them (facts.PAPERS)."""
from portal.papers import receipt, refusal, supplement

__all__ = ["receipt", "refusal", "supplement"]
