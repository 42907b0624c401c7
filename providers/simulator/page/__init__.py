"""The control page at `/`: what the network did and what it shall do wrong, for people, without JavaScript."""
