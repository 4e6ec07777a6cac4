"""Hostile input to every reader: typed errors and findings alone, whatever the bytes."""
