"""Small files of every format, made when a test asks for one."""
