"""Where traffic data comes from: the simulated corridor, public files, people's own."""
