"""python -m cnnviz"""

from __future__ import annotations

import os
import sys

from cnnviz.cli import main

if __name__ == "__main__":
    code = main()
    if "RANK" in os.environ:  # torchrun started it
        from cnnviz.engine.team import leave

        leave(code)
    sys.exit(code)
