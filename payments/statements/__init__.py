"""A provider's statement against our books: read it, match it line by line, explain the rest, close the period."""
