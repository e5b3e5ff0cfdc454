"""How fast it is, as figures and ratios; nothing here passes or fails.

`python -m tests.benchmarks` runs all topics, the quick ones first; `python -m tests.benchmarks
strokes stalls` runs some. Figures depend on what else the machine does: its load is printed too.
"""

from ui.app import _import_numpy

_import_numpy()  # for one thread, as the program does: others would take their time from the engine
