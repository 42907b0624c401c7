"""Measures what the product costs, always beside a reference measured in the same run on the same machine."""
