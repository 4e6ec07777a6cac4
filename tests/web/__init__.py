"""The doors: what HTTP clients are promised."""
