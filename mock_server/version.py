"""The version of the distribution: here alone, where the build reads it too."""

VERSION = "0.1.0"
