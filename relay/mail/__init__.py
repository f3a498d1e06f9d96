"""Letters to owners: their words, their way to a mail server, and the links in them."""
