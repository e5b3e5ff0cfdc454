"""Exported Keras scripts have the shapes, the counts and the values of the engine."""

from __future__ import annotations
