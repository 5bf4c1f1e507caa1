"""The doors signals come in by: HJ 212 over TCP, files, HTTP and laboratory sheets, behind one journal."""
