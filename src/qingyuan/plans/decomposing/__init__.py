"""Decomposition 目标分解: a target split among cities, counties or departments; the parts make the whole again."""
