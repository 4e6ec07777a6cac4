"""Mixed load on a real service for minutes: what its processes hold, how it answers, what it leaves behind."""
