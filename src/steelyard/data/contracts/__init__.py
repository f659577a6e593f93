"""Data contracts (ODCS): what a shop's tables promise, written from its configuration and read into one."""
