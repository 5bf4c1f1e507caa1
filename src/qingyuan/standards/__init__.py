"""The law library: what did the law say on that day, and what is it that is observed."""
