"""Models and the pipeline that joins them: retrieve, rank, re-rank. Touches the processor and nothing else."""
