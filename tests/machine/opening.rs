use everwire::{Effect, Input, State, Why};

use crate::scenario::Scenario;

#[test]
fn open_asks_for_a_token_before_anything_else() {
    let scenario = Scenario::closed().after(Input::Open);
    assert!(matches!(scenario.state(), State::FetchingToken { .. }));
    assert_eq!(scenario.asked_for_refresh(), Some(false));
    assert_eq!(scenario.why(), Some(Why::Opened));
}

#[test]
fn a_token_opens_one_socket() {
    let scenario = Scenario::connecting();
    assert!(scenario.did(Effect::OpenSocket(scenario.generation())));
}

#[test]
fn a_handshake_that_succeeds_settles_open() {
    let scenario = Scenario::open();
    assert!(scenario.did(Effect::Settle(Ok(()))));
    assert_eq!(scenario.why(), Some(Why::SocketOpened));
}

#[test]
fn open_while_opening_starts_no_second_attempt() {
    for scenario in [Scenario::fetching_token(), Scenario::connecting(), Scenario::waiting()] {
        let before = scenario.state();
        let scenario = scenario.after(Input::Open);
        assert_eq!(scenario.state(), before);
        assert!(scenario.did_nothing());
    }
}

#[test]
fn open_while_open_settles_at_once_and_does_nothing_else() {
    let scenario = Scenario::open().after(Input::Open);
    assert_eq!(scenario.effects.as_slice(), [Effect::Settle(Ok(()))]);
}

#[test]
fn every_attempt_asks_for_a_fresh_token() {
    let mut scenario = Scenario::waiting();
    let first = scenario.generation();
    scenario.pass_until_due();
    assert_ne!(scenario.generation(), first);
    assert!(scenario.asked_for_token());
}
