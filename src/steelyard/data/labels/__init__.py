"""Relevance labels as numbers: from behaviour, from rules, from people and models, and how far they agree.

Everything here is handed arrays or frames and gives values back; nothing is read, asked or stored.
"""
