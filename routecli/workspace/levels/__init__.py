"""One file for each isolation level. Each turns a View into the words to run; none knows of another."""
