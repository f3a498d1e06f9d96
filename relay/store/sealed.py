"""Where sealed values lie. Whoever adds a column that ends in `_sealed` adds its place here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPlace:
    """A column of sealed values. `key` is its table's primary key."""

    table: str
    column: str
    bound_to: str
    key: str = "id"
    before_first: int | str = -1

    @property
    def name(self) -> str:
        """The column with its table, as statements about it are named."""
        return f"{self.table}.{self.column}"

    def of_row(self, row_key: int | str) -> str:
        """What the value in one row is bound to; moved to another row it does not open."""
        return f"{self.bound_to}:{row_key}"


ENDPOINT_URL = SealedPlace(table="endpoints", column="url_sealed", bound_to="endpoints.url")
ENDPOINT_SECRET = SealedPlace(table="endpoints", column="secret_sealed", bound_to="endpoints.secret")
PREVIOUS_SECRET = SealedPlace(table="endpoints", column="previous_secret_sealed", bound_to="endpoints.secret")
"""Bound as the secret is: it was moved here as it stood."""
ENDPOINT_OPTIONS = SealedPlace(table="endpoints", column="options_sealed", bound_to="endpoints.options")
KEYRING = SealedPlace(table="keyring", column="key_sealed", bound_to="keyring", key="name", before_first="")

MAIL_RECIPIENT = SealedPlace(table="outbox", column="recipient_sealed", bound_to="outbox.recipient")
MAIL_CONTENTS = SealedPlace(table="outbox", column="contents_sealed", bound_to="outbox.contents")
LINK_TARGET = SealedPlace(table="links", column="target_sealed", bound_to="links.target")

SEALED_PLACES = (
    ENDPOINT_URL,
    ENDPOINT_SECRET,
    PREVIOUS_SECRET,
    ENDPOINT_OPTIONS,
    KEYRING,
    MAIL_RECIPIENT,
    MAIL_CONTENTS,
    LINK_TARGET,
)
