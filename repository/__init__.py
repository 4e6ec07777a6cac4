"""Sheaf: a linked-data and OAI-PMH repository for bibliographic records."""

__version__ = "0.1.0"
