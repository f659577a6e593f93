"""From recipes to configurations: which variants there are, which parts they need, and the bench parts are made on."""
