"""People's data: erasure, retention, change of the key, publishable counts, the data-protection report."""
