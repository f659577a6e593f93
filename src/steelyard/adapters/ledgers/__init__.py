"""Where entries and readings of the meters are kept: files, PostgreSQL."""
