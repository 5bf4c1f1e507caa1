"""The programming interface at ``/api/v1/``: OpenAPI, a session or a token, the same rights as the pages."""
