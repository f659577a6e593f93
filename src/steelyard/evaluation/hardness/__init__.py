"""How hard a shop's data is for recommendation, told from its log and texts before anything is trained."""
