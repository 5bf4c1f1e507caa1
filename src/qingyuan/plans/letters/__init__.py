"""Responsibility letters 目标责任书: what a place has to reach, written from issued shares, signed, sealed."""
