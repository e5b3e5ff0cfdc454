"""The cards of a network with its branches, and the palette above them."""
