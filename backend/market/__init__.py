"""The market as one community sees it: signed listings of its badges, signed offers on them, and what was sold.

In come signatures of wallets, which this home keeps, and rows of the mirror; out come those that the Market on chain
says would work now, pages, and transactions for a wallet to sign.
"""
