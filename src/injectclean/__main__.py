"""``python -m injectclean``."""

import sys

from injectclean.cli import main

sys.exit(main())
