"""From samples of a shop's files to a first configuration: what each table and column is, and how sure that is."""
