"""What an acknowledgement makes of a downlink, and the sentences about it."""

import pytest

from relay.domain.downlink_state import (
    DownlinkState,
    InfoCode,
    NoDownlink,
    after_acknowledgement,
    is_open,
    join_reasons,
    parse_reasons,
)
from relay.web.catalogue import read_catalogues
from relay.web.downlink_sentences import code_sentence, reason_sentence, state_sentence


@pytest.mark.parametrize(
    ("code", "state", "state_with_tries_left"),
    [
        (0, DownlinkState.ACKNOWLEDGED, DownlinkState.ACKNOWLEDGED),
        *((code, DownlinkState.REFUSED, DownlinkState.PENDING) for code in (1, 2, 3, 4, 6, 7, 8, 9, -1, 99)),
        *((code, DownlinkState.SENT, DownlinkState.SENT) for code in (5, 10)),
    ],
)
def test_a_code_says_how_a_downlink_stands(
    code: int, state: DownlinkState, state_with_tries_left: DownlinkState
) -> None:
    assert after_acknowledgement(code, may_try_again=False) is state
    assert after_acknowledgement(code, may_try_again=True) is state_with_tries_left


def test_reasons_are_kept_in_the_order_of_the_chain() -> None:
    reasons = (NoDownlink.ASK_TIMEOUT, NoDownlink.EMPTY_QUEUE)
    assert join_reasons(reasons) == "ask_timeout,empty_queue"
    assert parse_reasons(join_reasons(reasons)) == reasons
    assert parse_reasons("") == ()


@pytest.mark.parametrize("language", ["cs", "en"])
def test_there_is_a_sentence_of_its_own_for_each_state_code_and_reason(language: str) -> None:
    words = read_catalogues([language])[language]
    sentences = [
        *(state_sentence(words, state) for state in DownlinkState),
        *(code_sentence(words, code) for code in (*InfoCode, 9, 99)),
        *(reason_sentence(words, reason) for reason in NoDownlink),
    ]
    assert len(set(sentences)) == len(sentences)


def test_only_what_waits_or_was_just_sent_is_open() -> None:
    assert [state for state in DownlinkState if is_open(state)] == [
        DownlinkState.PENDING,
        DownlinkState.SENT,
    ]
