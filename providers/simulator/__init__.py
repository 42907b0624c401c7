"""MTN's network as one local process: its wire protocol over real HTTP, its moods, and what it moved.

Only the standard library, and no line shared with the adapters: a mistake in one cannot hide in the other.
"""
