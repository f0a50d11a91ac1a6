"""Books on paper: printers' rules as dated data, and whether a PDF keeps them.

What a picture book is made of, and how its files are made, does not belong here.
"""
