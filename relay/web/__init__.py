"""What all pages share: rendering, language, guards, headers."""
