"""Who asks: Sign-In with Ethereum, sessions, and the session keys that write in a wallet's name.

In: a SIWE message with a wallet's signature, later a cookie. Out: a `Viewer`, and delegations that anybody can check.
Nothing here decides what a viewer may read. Start at `login.sign_in`; `viewer.py` has what other slices' routes take.
"""
