use everwire::{Effect, Input, MessageId, State};

use crate::scenario::Scenario;

#[test]
fn a_token_of_an_older_attempt_opens_nothing() {
    let scenario = Scenario::fetching_token();
    let old = scenario.generation();
    let scenario = scenario.after(Input::Reconnect).after(Input::TokenReady(old));
    assert!(scenario.did_nothing());
}

#[test]
fn a_failed_token_of_an_older_attempt_fails_nothing() {
    let scenario = Scenario::fetching_token();
    let old = scenario.generation();
    let scenario = scenario.after(Input::Reconnect).after(Input::TokenFailed(old));
    assert!(scenario.did_nothing());
}

#[test]
fn a_socket_of_an_older_attempt_is_closed_when_it_opens() {
    let scenario = Scenario::connecting();
    let old = scenario.generation();
    let scenario = scenario.after(Input::Reconnect).after(Input::SocketOpened(old));
    assert_eq!(scenario.effects.as_slice(), [Effect::CloseSocket(old, 1000)]);
}

#[test]
fn the_close_of_an_older_socket_ends_nothing() {
    let mut scenario = Scenario::waiting();
    let old = scenario.generation();
    scenario.come_back();
    let scenario = scenario.after(Input::SocketClosed(old, 1006));
    assert!(scenario.did_nothing());
    assert!(matches!(scenario.state(), State::Open { .. }));
}

#[test]
fn a_message_that_an_older_socket_could_not_take_goes_to_the_new_one() {
    let mut scenario = Scenario::waiting();
    let old = scenario.generation();
    scenario.come_back();
    let scenario = scenario.after(Input::NotTransmitted(old, MessageId(1)));
    assert_eq!(scenario.transmitted(), [MessageId(1)]);
}

#[test]
fn a_token_that_comes_twice_opens_one_socket() {
    let scenario = Scenario::connecting();
    let generation = scenario.generation();
    assert!(scenario.after(Input::TokenReady(generation)).did_nothing());
}
