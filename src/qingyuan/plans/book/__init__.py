"""From a plan's text to the version in force: drafted, reviewed, adopted, sealed, compared."""
