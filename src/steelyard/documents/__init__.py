"""What stages store and doors show: typed, with a format number, one reader and one writer each."""
