"""Features with one definition for learning and for serving.

A tally says which events it adds up, by what, and how much each adds; a feature is a pure function of such sums. Events
become writes as data. ``offline`` adds the writes of a whole log and reads them at the moments of the rows;
``online`` adds them as they come. Both hand the same whole numbers to the same functions, so that what was learnt from
and what is served cannot differ.
"""
