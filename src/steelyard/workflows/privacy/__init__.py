"""People's data: erasing somebody, keeping no event too long, changing the key, publishing counts, reporting on all of it."""
