"""Parts of other libraries that are not their public face, a file for each library, with the reason for each part.

They may change with any release. So pyproject.toml bounds the library's version, and the nightly canary tries the newest one.
"""
