"""The row of cards, and the palette above it."""
