"""Training: the bar with its controls and settings, and the device that does the work."""
