"""`python -m bridge`: the command line, where the name `bridge` on PATH is somebody else's."""

import sys

from bridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
