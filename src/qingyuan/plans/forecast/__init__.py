"""What the year will end at: forecast with interval, judged by back-tests; trend freed from the weather."""
