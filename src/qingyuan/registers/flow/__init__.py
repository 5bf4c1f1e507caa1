"""The pure core of registers and cases: what a kind declares, what an act may do, what a record's steps add up to.

`declared` and `reading`: kinds from YAML. `acts.act`: one act, or the reasons why not. `fold.fold`: the record as the
sum of its steps. `chain`: their digests. `rows` and `store` are the only files that know the database.
"""
