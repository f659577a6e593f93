"""What stages store and doors show, as frozen values: each document has one reader, one writer and a format number.

Imports the domain's words only; what an earlier version wrote is read by the migrations of its document.
"""
