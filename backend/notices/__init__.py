"""What an account should hear of: in its inbox, and by e-mail if it asked for that.

In: the log, the mirror and what the keeper tried, read by chores; nobody calls this slice. Out: one row for each event
and account, in codes and parameters (never sentences), and mail once no reorg can undo the event. Start at
collecting.py.
"""
