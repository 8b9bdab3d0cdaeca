use everwire::{Effect, Input, Problem, State, Why};

use crate::scenario::{HOUR_MS, Scenario, TOKEN, message};

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
    assert!(scenario.given_token().did_nothing());
}

#[test]
fn close_while_a_handshake_is_pending_settles_open_and_ignores_a_socket_that_opens_late() {
    let scenario = Scenario::connecting().after(Input::Close);
    assert!(scenario.did(Effect::Settle(Err(Problem::Closed))));
    assert!(scenario.closed_socket(scenario.generation()));
    let scenario = scenario.given_socket();
    assert_eq!(scenario.state(), State::Closed);
    assert!(scenario.did_nothing());
}

#[test]
fn close_while_the_page_is_stored_settles_open() {
    let scenario = Scenario::suspended().after(Input::Open).after(Input::Close);
    assert!(scenario.did(Effect::Settle(Err(Problem::Closed))));
}

#[test]
fn close_while_waiting_cancels_the_retry() {
    let mut scenario = Scenario::waiting().after(Input::Close);
    scenario.pass(HOUR_MS);
    assert!(scenario.after(Input::Timeout).did_nothing());
}

#[test]
fn close_refuses_the_messages_that_wait() {
    let scenario = Scenario::waiting().after(Input::Send(message(1))).after(Input::Close);
    assert_eq!(scenario.refused(), [(1, Problem::Closed)]);
}

#[test]
fn close_during_a_hand_over_closes_both_sockets() {
    let scenario = Scenario::answered().after(Input::Rotate);
    let (old, new) = (scenario.generation(), scenario.spare());
    let scenario = scenario.after(Input::TokenReady(new, TOKEN)).after(Input::Close);
    assert!(scenario.closed_socket(old) && scenario.closed_socket(new));
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
