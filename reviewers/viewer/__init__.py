"""Documents shown in place: as pictures, tables and text of our own making, never as what they are."""
