"""Pages of the registers: what a declaration becomes on the screen."""
