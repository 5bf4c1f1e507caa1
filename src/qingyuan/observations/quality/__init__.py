"""Quality of observations: small tests that put codes to rows, and findings with the evidence for them.

checked = flag(table)        # table: long form; checked.table has flag and quality, checked.findings the stretches
"""

from qingyuan.observations.quality.declared import Code, Sites, codes
from qingyuan.observations.quality.flagging import FINDING, Checked, flag

__all__ = ["FINDING", "Checked", "Code", "Sites", "codes", "flag"]
