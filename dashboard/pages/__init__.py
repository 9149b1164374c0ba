"""One folder a page: `layout.py` (pure: state to components), `callbacks.py` (thin), and `PAGE` in its `__init__.py`."""
