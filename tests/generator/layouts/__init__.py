"""A draft as bytes, one module a format. No truth and no quirk is made here; what a layout cannot show it takes from the truth."""
