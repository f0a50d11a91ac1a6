"""Picture books: from a brief to a story, to pictures, to pages that can be printed and read.

    brief → story → character sheet → illustrations → PictureBook → (print, EPUB, kits)

What a finished book is stands in `finished_book`; print rules and file formats do not belong here.
"""
