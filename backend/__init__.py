"""The backend of a community: what members sign comes in, what their tokens unlock goes out.

In: the indexer's tables (read only), acts signed by members, wallets' signatures.
Out: pages, the JSON API under /api, blocks for IPFS, prepared transactions.
Start reading at `catalog.py` (what is plugged in), then `log/append.py` and `keys/release.py`.
"""
