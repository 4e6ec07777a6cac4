"""SPARQL queries as guests: guarded in front, run in processes that can be killed, answered in bytes.

Nothing here writes to an index, and no HTTP enters: statuses and headers are `repository.web`'s.
Nothing is imported here: a query worker loads a few files of this room, and somebody waits for it to start.
"""
