"""Traffic data: the contract, readers of file formats, and what is done to data before windows are cut."""
