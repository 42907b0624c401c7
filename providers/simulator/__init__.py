"""MTN's network as one local process: its wire protocol over real HTTP, its moods, and what it moved.

Collections, transfers and refunds. Faults by switch, by rule, by magic number or as a seeded share of all traffic
(`scripts.py` names them), a clock that can be put forward, a control API under `/_control/`, a control page at `/`,
and a ledger of what really moved that survives a kill.

Only the standard library, and no line shared with the adapters: a mistake in one cannot hide in the other.
"""
