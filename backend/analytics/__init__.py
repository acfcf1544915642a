"""What an owner wants to know: members, money, who stays, who invites; charts, CSV and JSON from the same numbers.

In: the mirror's append-only tables and the posts of the log. Out: `Figures`, a value of integers that add up to what
the contracts hold. Start reading at `queries.py`; nothing here is kept, each number is counted when it is asked for.
"""
