"""Provider adapters in plain Python: a dataclass in, an `Outcome` out, and never Django."""
