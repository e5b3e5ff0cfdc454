"""Weights from elsewhere: what a safetensors file holds, and where it belongs in a network."""
