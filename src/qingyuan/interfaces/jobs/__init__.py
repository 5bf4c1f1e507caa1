"""Jobs: what runs without a person at the screen, told by progress and ended by completion."""
