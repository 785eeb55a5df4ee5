"""The line as Prefect flows, and the `cad-copilot` command over the same functions."""
