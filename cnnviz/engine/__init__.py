"""The engine: the only room that imports torch (all but `protocol`, which the window reads too)."""
