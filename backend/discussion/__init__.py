"""Replies to posts: whoever may read a post reads its replies, and whoever may read it as a member may reply.

Under a gated post every reply is sealed for the post's gate with a content key of its own.
"""
