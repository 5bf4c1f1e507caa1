"""Registers 台账: one engine for every ledger whose records move through signed steps; domains declare the kinds."""
