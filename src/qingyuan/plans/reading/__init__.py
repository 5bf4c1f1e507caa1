"""Reader of Chinese plan documents (规划): text, Word or PDF in, a draft for review out."""

from qingyuan.plans.reading.draft import Draft
from qingyuan.plans.reading.reader import read, read_source

__all__ = ["Draft", "read", "read_source"]
