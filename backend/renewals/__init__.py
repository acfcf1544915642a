"""The keeper: renews memberships whose holders agreed, with the holders' money, and says why where it cannot.

In: consents, memberships and funds from the mirror, `renewalStatus` from the node. Out: transactions by the keeper's
own key (`backend/sending.py`), and for each membership the true reason why it was not renewed. Start at jobs.py.
"""
