use everwire::{Config, Input, Problem, State, Why};

use crate::scenario::{HOUR_MS, Scenario};

#[test]
fn a_token_function_that_never_settles_is_given_up_and_called_again() {
    let mut scenario = Scenario::fetching_token();
    let first = scenario.generation();
    scenario.pass_until_due();
    assert_eq!(scenario.reported(), Some(Problem::TokenTimedOut));
    scenario.pass_until_due();
    assert!(matches!(scenario.state(), State::FetchingToken { .. }));
    assert_ne!(scenario.generation(), first);
}

#[test]
fn a_handshake_that_never_ends_is_given_up_and_its_socket_closed() {
    let mut scenario = Scenario::connecting();
    let generation = scenario.generation();
    scenario.pass_until_due();
    assert_eq!(scenario.reported(), Some(Problem::HandshakeTimedOut));
    assert!(scenario.closed_socket(generation));
    assert!(scenario.is_waiting());
}

#[test]
fn an_early_timeout_does_nothing() {
    for mut scenario in Scenario::in_each_state() {
        if let Some(due) = scenario.connection.deadline() {
            scenario.now = due.minus(1);
        }
        let before = scenario.connection.clone();
        let scenario = scenario.after(Input::Timeout);
        assert!(scenario.did_nothing());
        assert_eq!(scenario.connection, before);
    }
}

#[test]
fn a_timeout_that_comes_hours_late_does_what_was_due_and_no_more() {
    let mut scenario = Scenario::waiting();
    scenario.pass(5 * HOUR_MS);
    let scenario = scenario.after(Input::Timeout);
    assert_eq!(scenario.why(), Some(Why::RetryDue));
    let due = scenario.connection.deadline().unwrap();
    assert_eq!(due, scenario.now.plus(Config::DEFAULT.token_timeout_ms));
    assert!(scenario.after(Input::Timeout).did_nothing(), "repeated");
}

#[test]
fn every_state_but_closed_and_suspended_has_a_deadline() {
    for scenario in Scenario::in_each_state() {
        let rests = matches!(scenario.state(), State::Closed | State::Suspended);
        assert_eq!(scenario.connection.deadline().is_none(), rests);
    }
}

#[test]
fn a_stable_socket_without_heartbeat_and_without_an_end_has_no_deadline() {
    let config = Config { heartbeat_ms: 0, max_life_ms: 0, ..Config::DEFAULT };
    let mut scenario = Scenario::open_with(config);
    scenario.pass_until_due();
    assert_eq!(scenario.why(), Some(Why::Stable));
    assert_eq!(scenario.connection.deadline(), None);
}
