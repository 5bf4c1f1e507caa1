"""Pages about cases: my work, list, board, one case, lotteries."""
