"""The window: PySide6 views on the values of `cnnviz`. It never imports torch."""
