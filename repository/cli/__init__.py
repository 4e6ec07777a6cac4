"""People at a terminal: each command reads settings, calls one function, prints.

Data goes to stdout, words to stderr; exit status 0 done, 1 something is wrong, 2 usage.
"""
