"""Meshes: measuring, comparing, judging for print, writing to files."""
