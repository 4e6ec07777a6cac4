"""Benchmarks against the budgets of the design: `make bench`. No figure here ever fails a test."""
