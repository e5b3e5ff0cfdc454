"""The data sets: which there are, choosing one, fetching one, and folders of pictures."""
