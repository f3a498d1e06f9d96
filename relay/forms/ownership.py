"""Who may change where a device's messages go."""

import hmac

from relay.forms.registration import Claim
from relay.store.records import Registrant
from relay.store.vault import Vault


def proves_ownership(claim: Claim, registrant: Registrant | None, vault: Vault) -> bool:
    """Whether device, token and e-mail belong together; one yes or no, after the same work in each case."""
    digest = registrant.token_digest if registrant else None
    token_matches = vault.token_matches(claim.device, claim.token, digest)
    order_email = registrant.device.order_email if registrant else ""
    email_matches = _same_address(claim.email, order_email or claim.email)
    return token_matches & email_matches


def _same_address(one: str, other: str) -> bool:
    """Compared without regard to case: nobody remembers how the order was written."""
    return hmac.compare_digest(one.casefold().encode(), other.strip().casefold().encode())
