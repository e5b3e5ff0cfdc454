"""The runs that are kept: a list, what differed between them, and doing them again."""
