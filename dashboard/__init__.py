"""The pages and the server: the only package that imports dash or fastapi."""
