"""Posts: a title and a teaser for everybody, and a rest behind a gate, sealed before it is stored anywhere.

In: acts `post.create`, `post.edit`, `post.remove`, `post.erase` and the bodies that they name.
Out: feed and posts as values; a body only by way of `keys.release`. Start reading at `acts.py`, then `reading.py`.
"""
