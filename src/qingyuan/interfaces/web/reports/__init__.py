"""Reports from the public on the screen: words, the form as typed, lists and figures."""
