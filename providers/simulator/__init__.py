"""The networks of Zambia as one local process: their wire protocols over real HTTP, their moods, and what they moved.

MTN, Airtel and Zamtel, each at the paths of its own and in a package of its own. Collections, payouts and refunds.
Faults by switch, by rule, by magic number or as a seeded share of all traffic (`scripts.py` names them), a clock that
can be put forward, a control API under `/_control/`, a control page at `/`, and a ledger of what really moved that
survives a kill.

Only the standard library (and `cryptography` for Airtel's keys), and no line shared with the adapters: a mistake in
one cannot hide in the other.
"""
