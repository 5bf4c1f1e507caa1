"""What the page of a station or a city shows: its days, series, calendar, evaluation and files."""
