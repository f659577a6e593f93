"""The verbs of ``steelyard experiment``: an online experiment analysed, a policy judged from another's log."""
