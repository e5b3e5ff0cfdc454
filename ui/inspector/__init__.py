"""The detail drawer: settings and worked formulas, kernels, feature maps of what is selected."""

from ui.inspector.inspector import Inspector

__all__ = ["Inspector"]
