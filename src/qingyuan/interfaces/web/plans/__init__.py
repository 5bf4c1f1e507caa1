"""Pages of the plan's book: the words and lists they show."""
