"""Django's own commands for the console: ``python -m qingyuan.interfaces.web.manage migrate``."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command of Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.interfaces.web.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
