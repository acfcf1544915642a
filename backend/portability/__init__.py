"""What leaves this home whole: everything that it keeps about one account.

Comes in: an account that is signed in. Goes out: a JSON document in a zip. Start reading in `own_data.py`.
"""
