"""``python -m qingyuan.interfaces.cli``."""

import sys

from qingyuan.interfaces.cli import main

sys.exit(main())
