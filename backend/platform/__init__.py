"""The home itself, seen from outside: how far it has read the chain.

In: the indexer's checkpoint. Out: a status for operators and load balancers, and the notice above pages of before.
"""
