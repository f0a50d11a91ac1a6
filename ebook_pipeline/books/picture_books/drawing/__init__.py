"""Pictures as scene graphs: figures, things and places, drawn in colour or as lines to colour in."""
