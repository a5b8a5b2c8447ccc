"""Pages. Every view fetches through `get_run` or `get_upload`, asks `queries`, and renders; verbs are in `actions`."""
