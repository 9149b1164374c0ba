"""A simulated freeway with detectors: the cell transmission model (Daganzo 1994) under random demand, incidents and weather."""
