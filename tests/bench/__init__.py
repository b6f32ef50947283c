"""`make bench`: the portal measured against something bare that does the same work, in one run.

Figures move with the machine; ratios between things measured in turn, minute by minute, hardly do.
"""
