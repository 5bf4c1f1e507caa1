"""The rooms with a clock and a door to the street: command line, web, jobs."""
