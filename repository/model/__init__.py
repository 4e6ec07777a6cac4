"""Words that every room shares: identifiers, dates, sets, records, works, settings, errors.

Nothing here reads a database, a network or an HTTP request.
"""
