"""One module a part: its ``router`` stands at ``/api/v1/`` and the module's name."""
