use everwire::{Config, Effect, Input, MessageId, Problem};

use crate::scenario::Scenario;

const ONE: MessageId = MessageId(1);
const TWO: MessageId = MessageId(2);
const THREE: MessageId = MessageId(3);

#[test]
fn a_message_goes_straight_to_an_open_socket() {
    let scenario = Scenario::open().after(Input::Send(ONE));
    assert_eq!(scenario.transmitted(), [ONE]);
}

#[test]
fn messages_wait_for_a_socket_and_go_out_in_order() {
    let mut scenario = Scenario::waiting().after(Input::Send(ONE)).after(Input::Send(TWO));
    assert!(scenario.did_nothing());
    scenario.come_back();
    assert_eq!(scenario.transmitted(), [ONE, TWO]);
    assert!(scenario.connection.outbox().is_empty());
}

#[test]
fn open_settles_before_the_waiting_messages_go_out() {
    let mut scenario = Scenario::fetching_token().after(Input::Send(ONE));
    scenario.input(Input::TokenReady(scenario.generation()));
    scenario.input(Input::SocketOpened(scenario.generation()));
    let effects = scenario.effects.as_slice();
    assert_eq!(&effects[1..], [Effect::Settle(Ok(())), Effect::Transmit(scenario.generation(), ONE)]);
}

#[test]
fn one_message_more_than_the_outbox_holds_is_refused() {
    let config = Config { max_queued_messages: 1, ..Config::DEFAULT };
    let scenario = Scenario::with(config).after(Input::Open).after(Input::Send(ONE)).after(Input::Send(TWO));
    assert_eq!(scenario.effects.as_slice(), [Effect::Refuse(TWO, Problem::OutboxFull)]);
}

#[test]
fn a_closed_connection_refuses_messages() {
    let scenario = Scenario::closed().after(Input::Send(ONE));
    assert_eq!(scenario.effects.as_slice(), [Effect::Refuse(ONE, Problem::Closed)]);
}

#[test]
fn messages_that_a_closing_socket_could_not_take_keep_their_order() {
    let scenario = Scenario::open();
    let dying = scenario.generation();
    let mut scenario = scenario
        .after(Input::NotTransmitted(dying, ONE))
        .after(Input::NotTransmitted(dying, THREE))
        .after(Input::NotTransmitted(dying, TWO))
        .after(Input::SocketClosed(dying, 1001));
    scenario.come_back();
    assert_eq!(scenario.transmitted(), [ONE, TWO, THREE]);
}

#[test]
fn a_closing_socket_is_no_way_around_the_limit() {
    let config = Config { max_queued_messages: 1, ..Config::DEFAULT };
    let mut scenario = Scenario::with(config).after(Input::Open);
    scenario.input(Input::TokenReady(scenario.generation()));
    scenario.input(Input::SocketOpened(scenario.generation()));
    let dying = scenario.generation();
    let scenario = scenario.after(Input::NotTransmitted(dying, ONE)).after(Input::NotTransmitted(dying, TWO));
    assert_eq!(scenario.effects.as_slice(), [Effect::Refuse(TWO, Problem::OutboxFull)]);
}

#[test]
fn a_message_that_a_socket_could_not_take_is_refused_once_the_app_has_closed() {
    let scenario = Scenario::open();
    let dying = scenario.generation();
    let scenario = scenario.after(Input::Close).after(Input::NotTransmitted(dying, ONE));
    assert_eq!(scenario.effects.as_slice(), [Effect::Refuse(ONE, Problem::Closed)]);
}
