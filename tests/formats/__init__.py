"""Every format: goldens, schemas, and one graph in four notations."""
