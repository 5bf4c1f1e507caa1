"""Reports from the public 有奖举报: taken without a name, answered by a code, rewarded without revealing who."""
