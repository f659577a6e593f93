"""First stage of the pipeline: from a request to a short list of candidates."""
