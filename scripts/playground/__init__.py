"""A whole Koinon on this machine, for the demo and its tour: a local chain, the indexer, API and worker.

In comes a folder, out comes a served community that survives restarts. Start reading at `supervisor.py`; `chain.py` is
the node whose state is kept, `home.py` the processes of the home, `routes.py` what only a demo serves.
"""
