"""CNNviz without a window: networks, their arithmetic, their data and their training."""

__version__ = "0.1.0"
