"""Slow and hostile clients at the whole chain: nginx with the configuration that we give out, the server, Sheaf."""
