"""Charts: lines of any length, how they are looked at, and how they are painted and written."""
