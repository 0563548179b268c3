"""One module an engine, each with an extra of its own: ``pip install 'injectclean[spark]'``."""
