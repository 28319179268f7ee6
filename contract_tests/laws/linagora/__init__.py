"""Laws of the linagora-rse API, a file for each subject."""
