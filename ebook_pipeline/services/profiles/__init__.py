"""What people say of themselves, and how they want the desk and its notices to be."""
