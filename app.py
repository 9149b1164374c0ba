"""`python app.py`: pages and REST on one port. The same server as `trellis serve`."""

from __future__ import annotations

import sys

from dashboard.serving import main

if __name__ == "__main__":
    sys.exit(main())
