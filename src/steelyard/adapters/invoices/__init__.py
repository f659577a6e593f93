"""Invoice files of providers, as CSV, JSON, XLSX and Parquet."""
