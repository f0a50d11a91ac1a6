"""A book described as the trade does: by what its submitter, file and text say of it."""
