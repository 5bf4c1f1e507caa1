"""The API at ``/api/v1/``: a router a part, each in its own file, each operation declaring the action it needs."""
