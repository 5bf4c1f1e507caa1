"""Rules 规则: what in fresh results, observations and ledgers becomes a finding 线索, declared in YAML with its law."""
