"""Keys of gated content: sealing, wrapping, recovery, and release to those whom a gate allowed.

Comes in: plain bodies, keks, recovery keys, allowed decisions. Goes out: sealed bytes, wrapped keys, content keys and
an audit row for each release. Start reading at `cipher.py` (the bytes), then `envelope.py` (the key of one item),
`keyring.py` (the keys of a community, for recovery) and `release.py` (who gets which).
"""
