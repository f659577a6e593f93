"""Documents that stages store and doors show: typed and versioned, one reader and one writer each."""
