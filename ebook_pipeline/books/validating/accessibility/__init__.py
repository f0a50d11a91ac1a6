"""A book against EPUB Accessibility 1.1, as far as a program can tell.

https://www.w3.org/TR/epub-a11y-11/. Rules that Ace by DAISY or axe know keep their ids there; each
finding's rule says whose it is by its prefix ``accessibility.``. Nothing here rejects a book.
"""
