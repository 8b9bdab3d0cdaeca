use everwire::{Config, Effect, Input, Message, MessageId, Problem};
use proptest::prelude::*;

use crate::scenario::{Scenario, message};

const fn sized(id: u32, bytes: u32) -> Message {
    Message { bytes, ..message(id) }
}

const fn keyed(id: u32, key: u32) -> Message {
    Message { key, ..message(id) }
}

/// Not open yet, so that messages wait.
fn waiting_with(config: Config) -> Scenario {
    Scenario::with(config).after(Input::Open)
}

fn queued(scenario: &Scenario) -> Vec<u32> {
    scenario.connection.outbox().messages().iter().map(|message| message.id.0).collect()
}

fn send_all(scenario: Scenario, messages: impl IntoIterator<Item = Message>) -> Scenario {
    messages.into_iter().fold(scenario, |scenario, message| scenario.after(Input::Send(message)))
}

#[test]
fn a_message_goes_straight_to_an_open_socket() {
    let scenario = Scenario::open().after(Input::Send(message(1)));
    assert_eq!(scenario.transmitted_to(), [(scenario.generation(), 1)]);
}

#[test]
fn messages_wait_for_a_socket_and_go_out_in_order() {
    let mut scenario = send_all(Scenario::waiting(), [message(1), message(2)]);
    assert!(scenario.did_nothing());
    scenario.come_back();
    assert_eq!(scenario.transmitted(), [1, 2]);
    assert!(scenario.connection.outbox().is_empty());
}

#[test]
fn open_settles_before_the_waiting_messages_go_out() {
    let scenario = Scenario::fetching_token().after(Input::Send(message(1))).given_token().given_socket();
    let effects = scenario.effects.as_slice();
    let place = |wanted| effects.iter().position(|effect| *effect == wanted).unwrap();
    let settled = place(Effect::Settle(Ok(())));
    assert!(settled < place(Effect::Transmit(scenario.generation(), message(1))));
}

#[test]
fn a_closed_connection_refuses_messages() {
    let scenario = Scenario::closed().after(Input::Send(message(1)));
    assert_eq!(scenario.refused(), [(1, Problem::Closed)]);
}

#[test]
fn one_message_more_than_the_outbox_holds_is_refused() {
    let scenario = waiting_with(Config { max_queued_messages: 1, ..Config::DEFAULT });
    let scenario = send_all(scenario, [message(1), message(2)]);
    assert_eq!(scenario.refused(), [(2, Problem::OutboxFull)]);
}

#[test]
fn one_byte_more_than_the_outbox_holds_is_refused() {
    let scenario = waiting_with(Config { max_queued_bytes: 30, ..Config::DEFAULT });
    let scenario = send_all(scenario, [sized(1, 20), sized(2, 10), sized(3, 1)]);
    assert_eq!(scenario.refused(), [(3, Problem::OutboxFull)]);
    assert_eq!(queued(&scenario), [1, 2]);
}

#[test]
fn those_that_have_waited_longest_make_room_if_the_app_wants_that() {
    let scenario = waiting_with(Config { max_queued_bytes: 30, drop_oldest: 1, ..Config::DEFAULT });
    let scenario = send_all(scenario, [sized(1, 10), sized(2, 10), sized(3, 10), sized(4, 15)]);
    assert_eq!(scenario.refused(), [(1, Problem::OutboxFull), (2, Problem::OutboxFull)]);
    assert_eq!(queued(&scenario), [3, 4]);
}

#[test]
fn a_message_that_would_not_even_fit_alone_drives_nothing_out() {
    let scenario = waiting_with(Config { max_queued_bytes: 30, drop_oldest: 1, ..Config::DEFAULT });
    let scenario = send_all(scenario, [sized(1, 10), sized(2, 31)]);
    assert_eq!(scenario.refused(), [(2, Problem::OutboxFull)]);
    assert_eq!(queued(&scenario), [1]);
}

#[test]
fn a_message_that_has_waited_too_long_is_refused() {
    let scenario = Scenario::fetching_token();
    let expires_at = Some(scenario.now.plus(500));
    let mut scenario = scenario.after(Input::Send(Message { expires_at, ..message(1) }));
    assert_eq!(scenario.connection.deadline(), expires_at);
    scenario.pass_until_due();
    assert_eq!(scenario.refused(), [(1, Problem::Expired)]);
}

#[test]
fn a_message_that_has_waited_too_long_does_not_go_even_if_no_timer_has_said_so() {
    let scenario = Scenario::connecting();
    let expires_at = Some(scenario.now.plus(500));
    let mut scenario = scenario.after(Input::Send(Message { expires_at, ..message(1) }));
    scenario.pass(501);
    let scenario = scenario.given_socket();
    assert_eq!(scenario.refused(), [(1, Problem::Expired)]);
    assert!(scenario.transmitted().is_empty());
}

#[test]
fn a_later_message_of_the_same_key_takes_the_place_of_a_waiting_one() {
    let scenario = send_all(Scenario::fetching_token(), [keyed(1, 7), keyed(2, 8), keyed(3, 7)]);
    assert_eq!(scenario.refused(), [(1, Problem::Superseded)]);
    assert_eq!(queued(&scenario), [2, 3]);
}

#[test]
fn messages_without_a_key_stand_for_themselves() {
    let scenario = send_all(Scenario::fetching_token(), [keyed(1, 0), keyed(2, 0)]);
    assert_eq!(queued(&scenario), [1, 2]);
}

#[test]
fn a_message_that_comes_back_does_not_take_the_place_of_a_later_one() {
    let scenario = Scenario::fetching_token().after(Input::Send(keyed(2, 7)));
    let old = scenario.generation();
    let scenario = scenario.after(Input::NotTransmitted(old, keyed(1, 7)));
    assert_eq!(scenario.refused(), [(1, Problem::Superseded)]);
    assert_eq!(queued(&scenario), [2]);
}

#[test]
fn a_message_that_is_refused_takes_no_other_s_place() {
    let scenario = waiting_with(Config { max_queued_bytes: 30, ..Config::DEFAULT });
    let scenario = send_all(scenario, [keyed(1, 7), Message { bytes: 31, ..keyed(2, 7) }]);
    assert_eq!(scenario.refused(), [(2, Problem::OutboxFull)]);
    assert_eq!(queued(&scenario), [1]);
}

#[test]
fn a_waiting_message_can_be_taken_back() {
    let scenario = send_all(Scenario::fetching_token(), [message(1), message(2)]);
    let scenario = scenario.after(Input::Cancel(MessageId(1)));
    assert_eq!(scenario.refused(), [(1, Problem::Cancelled)]);
    assert_eq!(queued(&scenario), [2]);
}

#[test]
fn a_message_that_has_gone_cannot_be_taken_back() {
    let scenario = Scenario::open().after(Input::Send(message(1))).after(Input::Cancel(MessageId(1)));
    assert!(scenario.did_nothing());
}

#[test]
fn a_message_larger_than_the_service_takes_is_refused_in_every_state() {
    for scenario in Scenario::in_each_state() {
        let scenario = scenario.after(Input::Send(sized(1, 32_769)));
        assert_eq!(scenario.effects.as_slice(), [Effect::Refuse(MessageId(1), Problem::MessageTooBig)]);
    }
    assert_eq!(Scenario::open().after(Input::Send(sized(1, 32_768))).transmitted(), [1]);
}

#[test]
fn a_close_with_1009_quarantines_the_largest_message_of_that_socket() {
    let scenario = send_all(Scenario::open(), [sized(1, 10), sized(2, 500), sized(3, 20)]).given_loss(1009);
    assert!(scenario.did(Effect::Quarantine(MessageId(2))));
    assert!(scenario.is_waiting());
}

#[test]
fn a_close_with_1009_teaches_a_smaller_limit_until_the_app_begins_anew() {
    let mut scenario = Scenario::open().after(Input::Send(sized(1, 500))).given_loss(1009);
    scenario.come_back();
    let scenario = scenario.after(Input::Send(sized(2, 500)));
    assert_eq!(scenario.refused(), [(2, Problem::MessageTooBig)]);
    let scenario = scenario.after(Input::Send(sized(3, 499)));
    assert_eq!(scenario.transmitted(), [3]);
    let scenario = scenario.after(Input::Close).after(Input::Open).given_token().given_socket();
    assert_eq!(scenario.after(Input::Send(sized(4, 500))).transmitted(), [4]);
}

#[test]
fn a_close_with_1009_refuses_what_waits_and_is_no_smaller() {
    let scenario = Scenario::open().after(Input::Send(sized(1, 500)));
    let closing = scenario.generation();
    let scenario = scenario
        .after(Input::NotTransmitted(closing, sized(2, 600)))
        .after(Input::NotTransmitted(closing, sized(3, 10)))
        .given_loss(1009);
    assert!(scenario.did(Effect::Quarantine(MessageId(1))));
    assert_eq!(scenario.refused(), [(2, Problem::MessageTooBig)]);
    assert_eq!(queued(&scenario), [3]);
}

#[test]
fn a_message_that_was_not_taken_is_not_the_one_that_was_too_big() {
    let scenario = Scenario::open().after(Input::Send(sized(1, 500)));
    let closing = scenario.generation();
    let scenario = scenario.after(Input::NotTransmitted(closing, sized(1, 500))).given_loss(1009);
    assert!(!scenario.did(Effect::Quarantine(MessageId(1))));
    assert_eq!(scenario.refused(), [(1, Problem::MessageTooBig)]);
}

#[test]
fn a_close_with_1009_without_a_message_teaches_nothing() {
    let mut scenario = Scenario::open().given_loss(1009);
    scenario.come_back();
    assert_eq!(scenario.after(Input::Send(sized(1, 32_768))).transmitted(), [1]);
}

#[test]
fn what_a_busy_socket_did_not_take_is_offered_again_before_anything_later() {
    let scenario = Scenario::answered();
    let busy = scenario.generation();
    let scenario = scenario.after(Input::NotTransmitted(busy, message(1)));
    let mut scenario = scenario.after(Input::Send(message(2)));
    assert!(scenario.transmitted().is_empty());
    assert_eq!(scenario.connection.deadline(), Some(scenario.now.plus(50)));
    scenario.pass_until_due();
    assert_eq!(scenario.transmitted(), [1, 2]);
}

#[test]
fn messages_that_a_closing_socket_could_not_take_keep_their_order() {
    let scenario = Scenario::open();
    let dying = scenario.generation();
    let mut scenario = scenario
        .after(Input::NotTransmitted(dying, message(1)))
        .after(Input::NotTransmitted(dying, message(3)))
        .after(Input::NotTransmitted(dying, message(2)))
        .after(Input::SocketClosed(dying, 1001));
    scenario.come_back();
    assert_eq!(scenario.transmitted(), [1, 2, 3]);
}

#[test]
fn a_closing_socket_is_no_way_around_the_limit() {
    let scenario = Scenario::open_with(Config { max_queued_messages: 1, ..Config::DEFAULT });
    let dying = scenario.generation();
    let scenario = scenario
        .after(Input::NotTransmitted(dying, message(1)))
        .after(Input::NotTransmitted(dying, message(2)));
    assert_eq!(scenario.refused(), [(2, Problem::OutboxFull)]);
}

#[test]
fn a_message_that_a_socket_could_not_take_is_refused_once_the_app_has_closed() {
    let scenario = Scenario::open();
    let dying = scenario.generation();
    let scenario = scenario.after(Input::Close).after(Input::NotTransmitted(dying, message(1)));
    assert_eq!(scenario.refused(), [(1, Problem::Closed)]);
}

proptest! {
    #[test]
    fn the_outbox_keeps_its_bounds_and_its_order_and_loses_nothing_without_a_word(
        sizes in prop::collection::vec((1u32..40, 0u32..3), 1..40),
        max_queued_messages in 0u32..6, max_queued_bytes in 1u32..100, drop_oldest in 0u32..=1,
    ) {
        let config = Config { max_queued_messages, max_queued_bytes, drop_oldest, ..Config::DEFAULT };
        let mut scenario = waiting_with(config);
        let mut refused = 0;
        for (id, (bytes, key)) in (1..).zip(&sizes) {
            scenario.input(Input::Send(Message { key: *key, ..sized(id, *bytes) }));
            refused += scenario.refused().len();
            let outbox = scenario.connection.outbox();
            prop_assert!(outbox.messages().len() <= max_queued_messages as usize);
            prop_assert!(outbox.bytes() <= u64::from(max_queued_bytes));
            prop_assert!(outbox.messages().is_sorted_by_key(|message| message.id));
            prop_assert_eq!(refused + outbox.messages().len(), id as usize);
        }
    }

    #[test]
    fn what_1009_teaches_never_refuses_what_the_server_would_have_taken(
        server_limit in 1u32..1_000, rounds in prop::collection::vec(prop::collection::vec(1u32..1_000, 1..6), 1..20),
    ) {
        let mut scenario = Scenario::open();
        let mut id = 0;
        for sizes in rounds {
            let mut is_too_big = false;
            for bytes in sizes {
                id += 1;
                scenario.input(Input::Send(sized(id, bytes)));
                prop_assert!(scenario.refused().is_empty() || bytes > server_limit);
                is_too_big |= !scenario.transmitted().is_empty() && bytes > server_limit;
            }
            if is_too_big {
                scenario = scenario.given_loss(1009);
                prop_assert!(scenario.is_waiting());
                scenario.come_back();
            }
        }
    }
}

#[test]
fn a_message_that_says_nothing_else_waits_as_long_as_the_client_allows() {
    let config = Config { max_queued_ms: 5_000, ..Config::DEFAULT };
    let mut scenario = waiting_with(config).after(Input::Send(message(1)));
    scenario.pass(5_000);
    scenario.input(Input::Timeout);
    assert!(scenario.did(Effect::Refuse(MessageId(1), Problem::Expired)));
}
