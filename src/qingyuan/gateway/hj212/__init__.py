"""HJ 212, the protocol of pollution-source and station monitors: editions 2005, 2017 and 2025, pure.

No clock, no files, no sockets: bytes in, meaning out, and the reverse. `framing` cuts a stream into frames,
`decode` reads one, `bulk` reads many into columns, `encode` and `replies` write, `fragments` tells parts,
`dialogue` is the talk with a device. What a device does otherwise than the standard has a name in `deviations`.
"""
