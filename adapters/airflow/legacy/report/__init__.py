"""An import as one HTML page that needs nothing else: no script, no network.

Here: what stands on the page (`content`), the drawing of DAGs (`drawing`), and its text (`page`).
Not here: what is found (`legacy.findings`). All that comes from legacy files is untrusted: jinja2
escapes every value, and the page's own policy forbids scripts.
"""
