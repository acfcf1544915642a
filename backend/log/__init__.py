"""The community log: what members say, as signed acts that the community's home places in one hash chain of records.

In: acts (dag-cbor, signed by a session key or a wallet). Out: records, signed heads (receipts), projections,
and the manifest whose CID the community contract anchors. `act` and `record` are the formats, `append` is the write
path, `replay` rebuilds projections, `verify` proves a log from chain and blocks alone. Start with `act.py`.
"""
