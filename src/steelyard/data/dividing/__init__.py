"""The log divided in time: what is learnt from, and whose next items are guessed."""
