"""People's own images: `.npz` files and folders of pictures, checked and given a test set."""
