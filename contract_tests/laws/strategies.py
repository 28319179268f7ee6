"""What property tests draw from: texts that the document and the specs allow."""

from hypothesis import strategies as st

# Letters of several scripts, marks, symbols and astral planes; no surrogates and no control characters.
characters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])

title_endings = st.text(characters, max_size=80)
descriptions = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
