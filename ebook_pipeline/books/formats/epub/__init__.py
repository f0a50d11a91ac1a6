"""EPUB: the container, the package document, navigation, content documents, protection."""
