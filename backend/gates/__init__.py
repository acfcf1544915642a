"""Who may read what, and why not.

In: a rule from the community log, holdings from the indexer's tables, a time. Out: a decision, which is a value:
`Allowed(until)` or `Denied(conditions)`. `rule` and `decision` are pure; start with `decision.py`.
"""
