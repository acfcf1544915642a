"""Gas of each entry point of the contracts, per whole transaction, beside the budgets: `make bench NAME=gas`.

Whole means with the 21,000 of the transaction and its calldata. Production settings of the compiler, a fresh anvil.
*Typical* is what most transactions meet (others have joined before, badges were used, shares were collected before);
*worst* is the dearest state that we know: the first of its kind, with all dates, notices and referrals set. Read
`bench.py` first; each other module measures one domain.
"""
