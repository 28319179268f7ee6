"""Laws of the casavi Community API, a file for each subject."""
