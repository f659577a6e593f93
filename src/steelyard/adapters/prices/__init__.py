"""Reads price books and public price lists."""
