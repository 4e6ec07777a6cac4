"""What Sheaf is made of: locks, licences, known holes, and whether a wheel comes out the same twice."""
