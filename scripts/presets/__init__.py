"""The networks of the literature as Python: `scripts.write_presets` writes them into files."""
