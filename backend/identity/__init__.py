"""Who asks: Sign-In with Ethereum, sessions, the session keys that write in a wallet's name, and linked wallets.

In: a SIWE message with a wallet's signature, later a cookie. Out: a `Viewer`, delegations that anybody can check, and
which other wallets count for an account (`linking.py`).
Nothing here decides what a viewer may read. Start at `login.sign_in`; `viewer.py` has what other slices' routes take.
"""
