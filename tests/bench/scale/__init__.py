"""One table of how everything grows with the number of records, and the plan of capacity that is reckoned from it."""
