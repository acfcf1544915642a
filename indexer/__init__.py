"""Mirrors the contracts of one chain into tables.

In: blocks and logs of a node (source.py). Out: rows of schema `mirror` (tables/) and the feed of changes.
On the way a raw log becomes an event (decoder.py, events/) and an event becomes rows (projections/).
Start reading at run.py: one block range is one transaction; reorg.py takes blocks back.
Nothing here imports the backend.
"""
