"""From documents to charts, HTML and sentences in both languages. Reads documents and nothing else."""
