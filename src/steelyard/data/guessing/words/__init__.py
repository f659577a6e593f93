"""The words that names of columns and kinds of events are made of, in many languages, and how they are spelt alike."""
