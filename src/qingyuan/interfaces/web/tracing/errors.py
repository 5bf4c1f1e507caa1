"""What a trace says when there is nothing to follow."""

from __future__ import annotations

from qingyuan.base.errors import QingyuanError


class NothingToTrace(QingyuanError):
    """There is no stored result, observation, import or indicator to trace."""
