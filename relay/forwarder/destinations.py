"""Endpoints opened and judged, kept while they do not change."""

from collections import OrderedDict
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.domain.device import NO_DEVICE
from relay.domain.endpoint import Endpoint, SealedEndpoint
from relay.domain.endpoint_options import PLAIN
from relay.domain.own_bin import bin_name
from relay.domain.signing import signer_of
from relay.domain.target import TargetPolicy, parse_target
from relay.errors import TargetRefused
from relay.forwarder.prepare import Destination
from relay.store.binding import open_options, open_previous_secret
from relay.store.sealed import ENDPOINT_SECRET, ENDPOINT_URL
from relay.store.vault import CannotOpen, Vault

MOST_KEPT = 20_000


class Destinations:
    """Opens sealed endpoints; what was opened once is not opened again until its revision changes."""

    def __init__(
        self, vault: Vault, policy: TargetPolicy, installation_keys: Sequence[Ed25519PrivateKey] = ()
    ) -> None:
        """With `installation_keys` each request is signed with them as well."""
        self._vault = vault
        self._policy = policy
        self._public_signers = tuple(map(signer_of, installation_keys))
        self._kept: OrderedDict[int, Destination] = OrderedDict()

    @property
    def own_hosts(self) -> frozenset[tuple[str, int | None]]:
        """The relay's own hosts and ports."""
        return self._policy.own_hosts

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

    def host_of(self, sealed: SealedEndpoint) -> str:
        """The host of an endpoint's URL; empty for a bin, and for what cannot be opened."""
        try:
            return self.open(sealed).host
        except (TargetRefused, CannotOpen, ValueError):  # a damaged row; its attempt will say so
            return ""

    def judge(self, endpoint: Endpoint) -> Destination:
        """The destination of an endpoint in clear; nothing is kept.

        Raises:
            TargetRefused: The relay may not connect to its address.
        """
        url = parse_target(endpoint.url, self._policy)
        is_bin = bin_name(url.raw_host, url.port, url.raw_path, self.own_hosts)
        return Destination(
            endpoint_id=endpoint.id,
            revision=endpoint.revision,
            url=url,
            host="" if is_bin else url.raw_host or "",
            secret=endpoint.secret,
            previous_secret=endpoint.previous_secret,
            previous_secret_until_ms=endpoint.previous_secret_until_ms,
            public_signers=self._public_signers,
            options=None if endpoint.options == PLAIN else endpoint.options,
            url_template=endpoint.url,
            policy=self._policy,
        )

    def _read(self, sealed: SealedEndpoint) -> Destination:
        return self.judge(
            Endpoint(
                id=sealed.id,
                device=NO_DEVICE,
                url=self._vault.open(sealed.url_sealed, ENDPOINT_URL.of_row(sealed.id)),
                secret=self._vault.open(sealed.secret_sealed, ENDPOINT_SECRET.of_row(sealed.id)),
                previous_secret=open_previous_secret(sealed.id, sealed.previous_secret_sealed, self._vault),
                previous_secret_until_ms=sealed.previous_secret_until_ms,
                revision=sealed.revision,
                options=open_options(sealed.id, sealed.options_sealed, self._vault),
            )
        )
