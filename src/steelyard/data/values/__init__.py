"""What single values say: numbers, times, words for nothing, markup, grades, stock, paths of categories."""
