"""Editing: who edits a manuscript, its rounds, comments on passages, and the steps of its life."""
