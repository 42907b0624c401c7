"""Reads for the doors: plain arguments in, evaluated rows out, so that no lazy query leaves the merchant's schema."""
