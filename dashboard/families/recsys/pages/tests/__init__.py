"""The chapter Quick Test: starting a test, following it, its results, and tests beside each other."""
