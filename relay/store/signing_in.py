"""The link that signs an owner in, by mail."""

from relay.domain.letter import SignIn
from relay.store.driver import Do, Steps
from relay.store.outbox import Letter, LinkTarget, Outbox, Posted


def post_sign_in_link(outbox: Outbox, device: int, language: str, now_ms: int) -> Steps[Posted]:
    """Mail it to the address on record, whoever asked."""
    owner = (yield Do("read_device", [{"number": device}]))[0]
    letter = Letter(
        device=device,
        recipient=owner["contact_email"] or owner["order_email"],
        language=language,
        occasion=SignIn(),
        target=LinkTarget(endpoint_id=0),
    )
    return (yield from outbox.post(letter, now_ms))
