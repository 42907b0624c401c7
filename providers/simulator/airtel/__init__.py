"""Airtel Money's Open API in Zambia: tokens of 180 s, envelopes that contradict themselves, one callback address."""
