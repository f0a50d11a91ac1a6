"""What kind of EPUB a submitter says it is: EPUBCheck's profiles, by the names it gives them."""

PROFILES = ("default", "dict", "edupub", "idx", "preview")
