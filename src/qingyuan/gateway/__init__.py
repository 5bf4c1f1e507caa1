"""The gateway: signals come in, are kept as evidence in a journal, answered, decoded in bulk and put into the lake."""
