"""Pollution sources on the screens: the list of outlets, one outlet with its series, exceedances and amounts."""
