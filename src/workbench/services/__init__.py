"""What pages, REST and the command line call: commands with the facts they need, read at the edge."""
