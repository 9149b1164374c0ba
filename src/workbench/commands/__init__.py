"""Commands, one file a subject: frozen data, each with one pure `decide`."""
