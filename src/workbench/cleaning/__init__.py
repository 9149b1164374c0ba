"""What lies in the home folder for nothing: what was deleted long ago, files that no row names, what writes left, caches that grew."""
