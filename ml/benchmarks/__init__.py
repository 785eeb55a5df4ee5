"""Prompt sets to evaluate on, as rows of examples that are never trained on."""
