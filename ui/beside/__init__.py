"""The window that holds inputs, layers, and weights of the open network side by side."""
