"""Who may be mailed once more."""

from relay.domain.letter import EarlierMail, may_be_mailed, same_address

OWNER, STRANGER = "owner@example.com", "stranger@example.net"


def earlier(count: int, recipient: str = OWNER, *, can_undo: bool = False) -> list[EarlierMail]:
    return [EarlierMail(recipient=recipient, can_undo=can_undo)] * count


def test_a_device_has_five_mails_an_hour() -> None:
    assert [may_be_mailed(OWNER, earlier(count), undoes=False) for count in (0, 4, 5, 6)] == [
        True,
        True,
        False,
        False,
    ]


def test_the_first_mail_that_can_undo_always_goes() -> None:
    assert may_be_mailed(OWNER, earlier(50), undoes=True)


def test_one_that_can_undo_is_enough() -> None:
    assert not may_be_mailed(OWNER.upper(), earlier(5, can_undo=True), undoes=True)


def test_what_another_can_undo_is_no_reason_to_be_silent() -> None:
    assert may_be_mailed(OWNER, earlier(5, STRANGER, can_undo=True), undoes=True)


def test_nobody_can_make_us_write_to_ever_new_addresses() -> None:
    mails = [EarlierMail(recipient=f"{number}@example.net", can_undo=True) for number in range(5)]
    assert not may_be_mailed("victim@example.org", mails, undoes=True)


def test_who_was_told_first_is_told_again_after_undoing() -> None:
    """A used link undoes nothing, so the next change is told though others used up the mails meanwhile."""
    mails = [EarlierMail(recipient=OWNER, can_undo=False), *earlier(2, "a@example.net", can_undo=True)]
    mails += earlier(2, "b@example.net", can_undo=True)
    assert may_be_mailed(OWNER, mails, undoes=True)


def test_addresses_differ_not_by_case() -> None:
    assert same_address(" Owner@Example.com", "owner@example.COM ")
    assert not same_address(OWNER, STRANGER)
