"""Mutation testing of the lines that move money: would a test notice if one of them were wrong?

    .venv/bin/python -m scripts.mutation [--tenth] [--list] [FILE or id ...]

In: the contracts' sources, of which `mutants.py` makes wrong ones. `weave.py` puts all of a choice into one set of
contracts, where a number in the block's environment turns one on: so they are compiled once and not a hundred times.
`play.py` runs the tests against each, on the chain in this process. Out: what survived, beside what
tests/contracts/survivors.toml accepts. Start with `__main__.py`.
"""
