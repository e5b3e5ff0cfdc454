"""python -m cnnviz"""

from __future__ import annotations

import sys

from cnnviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
