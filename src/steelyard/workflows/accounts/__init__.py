"""The verbs of ``steelyard cost``: booking, bills, scenarios, forecasts, budgets, returns, carbon."""
