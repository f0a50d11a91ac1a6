"""Books and manuscripts of every format, made when a test asks for one."""
