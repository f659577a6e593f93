"""How a file becomes rows: unpacked, decoded, cut, and every line accounted for."""
