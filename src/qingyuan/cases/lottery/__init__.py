"""Random and targeted inspection 双随机: a draw that anyone can recompute from its published file.

The roll (who may be drawn, their risk, the quota, the inspectors and their conflicts) and the SHA-256 of a secret
seed are published first; then the seed is told, with a later public value if one was promised. From roll, seed and
value everything else follows: `record.commit`, `record.draw`, `record.verify`, `fairness.sheet`.
"""
