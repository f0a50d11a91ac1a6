"""Social DRM: copies that name their buyer, and carry unseen marks that lead back to the order."""
