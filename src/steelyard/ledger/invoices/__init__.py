"""Invoices of providers in the words of FOCUS, hours of people, and whether they agree with the ledger."""
