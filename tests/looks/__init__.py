"""How the pages look and behave in a real browser: `python -m tests.looks DIR` takes pictures of each kind of page."""
