"""Badges: what they earn by inviting, at which level, who is bound to them; and achievements.

In come rows of the mirror and pictures that the chain draws; out come frozen values, pages, and transactions for a
wallet to sign. `reading.py` makes the block of verified past income that buyer and seller see alike.
"""
