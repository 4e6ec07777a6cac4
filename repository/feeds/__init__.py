"""Change feeds of the log: what a follower of LDES or of Atom is given. No request and no header is known here.

Whatever is here is a range of entries by seq: seqs have no gaps, so which entries a page has is known from its number.
"""
