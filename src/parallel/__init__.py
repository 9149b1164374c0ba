"""Training data-parallel over several devices: how many train (`choosing`, for every family), and how JAX does it.

The devices form one mesh axis, `data`. Parameters, the optimiser's state and the data lie whole on each; the rows of a batch are split.
Programs stay what they are for one device, in global arrays: what is drawn at random or summed up is drawn or summed for the whole
batch, and the compiler puts in what devices have to tell each other.
"""
