"""Weights from elsewhere: choosing a file, looking at what fits, and taking it over."""
