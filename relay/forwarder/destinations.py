"""Endpoints opened and judged, kept while they do not change."""

from collections import OrderedDict

from relay.domain.device import NO_DEVICE
from relay.domain.endpoint import Endpoint, SealedEndpoint
from relay.domain.target import TargetPolicy, parse_target
from relay.forwarder.prepare import Destination
from relay.store.vault import Vault

MOST_KEPT = 20_000


class Destinations:
    """Opens sealed endpoints; what was opened once is not opened again until its revision changes."""

    def __init__(self, vault: Vault, policy: TargetPolicy) -> None:
        self._vault = vault
        self._policy = policy
        self._kept: OrderedDict[int, Destination] = OrderedDict()

    def open(self, sealed: SealedEndpoint) -> Destination:
        """The destination of an endpoint.

        Raises:
            TargetRefused: The relay may not connect to its address.
            CannotOpen: None of the secret keys opens it.
        """
        kept = self._kept.get(sealed.id)
        if kept is not None and kept.revision == sealed.revision:
            return kept
        destination = self._read(sealed)
        self._kept[sealed.id] = destination
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return destination

    def judge(self, endpoint: Endpoint) -> Destination:
        """The destination of an endpoint in clear; nothing is kept.

        Raises:
            TargetRefused: The relay may not connect to its address.
        """
        return Destination(
            endpoint_id=endpoint.id,
            revision=endpoint.revision,
            url=parse_target(endpoint.url, self._policy),
            secret=endpoint.secret,
        )

    def _read(self, sealed: SealedEndpoint) -> Destination:
        url = self._vault.open(sealed.url_sealed, f"endpoints.url:{sealed.id}")
        secret = self._vault.open(sealed.secret_sealed, f"endpoints.secret:{sealed.id}")
        return self.judge(
            Endpoint(id=sealed.id, device=NO_DEVICE, url=url, secret=secret, revision=sealed.revision)
        )
