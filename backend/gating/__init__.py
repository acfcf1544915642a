"""Gates for people: a rule in words, the editor that builds one, who would pass, and what opens a closed gate.

In: rules from `gates`, names from the mirror. Out: sentences in the viewer's language, pages and JSON. What a rule
means is decided in `backend/gates` alone. Start reading at `words.py`, then `reading.py`.
"""
