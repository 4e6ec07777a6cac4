"""The SPARQL index: a projection of the log that follows it, in an embedded store or in a SPARQL 1.1 server.

No query of a guest is run here (`repository.sparql`), and nothing here is the truth: it can be made anew at any time.
Nothing is imported here: a query worker loads one file of this room, and somebody waits for it to start.
"""
