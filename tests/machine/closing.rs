use everwire::{Effect, Input, MessageId, Problem, State, Why};

use crate::scenario::Scenario;

#[test]
fn close_ends_every_state_and_leaves_no_deadline() {
    for scenario in Scenario::in_each_state() {
        let scenario = scenario.after(Input::Close);
        assert_eq!(scenario.state(), State::Closed);
        assert_eq!(scenario.connection.deadline(), None);
    }
}

#[test]
fn close_closes_the_socket_in_the_same_step() {
    for scenario in [Scenario::connecting(), Scenario::open()] {
        let scenario = scenario.after(Input::Close);
        assert!(scenario.closed_socket(scenario.generation()));
        assert_eq!(scenario.why(), Some(Why::Closed));
    }
}

#[test]
fn close_while_a_token_is_pending_settles_open_and_ignores_the_token() {
    let scenario = Scenario::fetching_token().after(Input::Close);
    assert!(scenario.did(Effect::Settle(Err(Problem::Closed))));
    let generation = scenario.generation();
    assert!(scenario.after(Input::TokenReady(generation)).did_nothing());
}

#[test]
fn close_while_a_handshake_is_pending_settles_open_and_drops_a_socket_that_opens_late() {
    let scenario = Scenario::connecting().after(Input::Close);
    assert!(scenario.did(Effect::Settle(Err(Problem::Closed))));
    let generation = scenario.generation();
    let scenario = scenario.after(Input::SocketOpened(generation));
    assert_eq!(scenario.state(), State::Closed);
    assert!(scenario.closed_socket(generation));
}

#[test]
fn close_while_waiting_cancels_the_retry() {
    let mut scenario = Scenario::waiting().after(Input::Close);
    scenario.pass(3_600_000);
    assert!(scenario.after(Input::Timeout).did_nothing());
}

#[test]
fn close_refuses_the_messages_that_wait() {
    let scenario = Scenario::waiting().after(Input::Send(MessageId(1))).after(Input::Close);
    assert!(scenario.did(Effect::Refuse(MessageId(1), Problem::Closed)));
}

#[test]
fn closing_twice_announces_once() {
    let scenario = Scenario::open().after(Input::Close).after(Input::Close);
    assert!(scenario.did_nothing());
}

#[test]
fn a_closed_connection_can_be_opened_again() {
    let scenario = Scenario::open().after(Input::Close).after(Input::Open);
    assert!(matches!(scenario.state(), State::FetchingToken { .. }));
}
