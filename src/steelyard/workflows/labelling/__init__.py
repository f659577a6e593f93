"""Labels: from behaviour, rules, people and a language model; what they cost, and which are worth having."""
