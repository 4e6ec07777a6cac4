"""How good the records are: completeness, growth, duplicates, dead ends, the profile. No page is made here."""
