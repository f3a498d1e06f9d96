"""Values that are right, so that a test shows only what is wrong."""

KEY = "kTz8-jfGm0QpWl5xRcV7uYbN3sEaHdIo"
SECRET = "s1gF0x_UqLrTnZpXvB9mKjHgWdEyCaOi"
HOW = "make one with python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"

# one line each, so that what a test adds begins in line 3
REQUIRED_YAML = f"secret_key: {KEY}\nsigfox: {{secrets: [{SECRET}]}}\n"
REQUIRED = {"RELAY_SECRET_KEY": KEY, "RELAY_SIGFOX__SECRETS": SECRET}
