"""Picture books as files: interior, colouring edition, cover, EPUBs, kit, and all in one package.

Plain functions of a finished book: the same book gives the same bytes. What a book is made of
stands in `picture_books`, what printers ask for in `printing`.
"""
