"""Domains 要素: declarations and pure formulas of air, of pollution sources, and of what is to come."""

from qingyuan.assessments.declaration import Domain
from qingyuan.domains import air, sources

DOMAINS: tuple[Domain, ...] = (air.DOMAIN, sources.DOMAIN)
"""Every domain's table of contents; the interfaces read it and hand it down."""
