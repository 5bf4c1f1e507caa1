"""Devices on the screens: the list, one device with its frames, remote commands, quarantine, ledger."""
