"""Two months of believable business for `make demo`, written under the same constraints as the real thing."""
