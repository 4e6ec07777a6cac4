"""Tests, one folder a room; `tests.strategies` draws works and graphs for all of them."""
