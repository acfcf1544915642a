"""Content-addressed blocks behind one seam.

Comes in: bytes to keep, CIDs to read, roots to pin. Goes out: bytes that are always checked against their CID.
Start reading at `store.py` (the seam and what works over any store), then `embedded.py` (the write path, files on
disk) and `kubo.py` (a replica). `unixfs.py` and `car.py` are formats; `cid.py` names what is hashed.
"""
