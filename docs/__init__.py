"""The site: tutorials run and rendered, equations, API, what was measured. `make docs` builds it."""
