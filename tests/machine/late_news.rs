use everwire::{Input, Spare};

use crate::scenario::{Scenario, TOKEN, message};

#[test]
fn a_token_of_an_older_attempt_opens_nothing() {
    let scenario = Scenario::fetching_token();
    let old = scenario.generation();
    for late in [Input::TokenReady(old, TOKEN), Input::TokenFailed(old), Input::TokenDenied(old)] {
        let scenario = Scenario::fetching_token().after(Input::Reconnect).after(late);
        assert!(scenario.did_nothing(), "{late:?}");
    }
}

#[test]
fn a_socket_of_an_older_attempt_changes_nothing() {
    let scenario = Scenario::connecting();
    let old = scenario.generation();
    for late in [Input::SocketOpened(old), Input::SocketClosed(old, 4403), Input::SocketRefused(old)] {
        let scenario = Scenario::connecting().after(Input::Reconnect).after(late);
        assert!(scenario.did_nothing(), "{late:?}");
    }
}

#[test]
fn the_close_of_an_older_socket_ends_nothing() {
    let mut scenario = Scenario::waiting();
    let old = scenario.generation();
    scenario.come_back();
    let scenario = scenario.after(Input::SocketClosed(old, 1006));
    assert!(scenario.did_nothing() && scenario.is_open());
}

#[test]
fn a_message_that_an_older_socket_could_not_take_goes_to_the_new_one() {
    let mut scenario = Scenario::waiting();
    let old = scenario.generation();
    scenario.come_back();
    let scenario = scenario.after(Input::NotTransmitted(old, message(1)));
    assert_eq!(scenario.transmitted_to(), [(scenario.generation(), 1)]);
}

#[test]
fn a_token_that_comes_twice_opens_one_socket() {
    assert!(Scenario::connecting().given_token().did_nothing());
}

#[test]
fn an_answer_on_a_socket_that_is_gone_teaches_nothing() {
    let mut scenario = Scenario::waiting();
    let old = scenario.generation();
    scenario.come_back();
    let before = scenario.connection.clone();
    scenario.hear(old, true);
    assert_eq!(scenario.connection, before);
}

#[test]
fn a_greeting_that_fails_on_a_socket_that_was_replaced_begins_no_hand_over() {
    let config = everwire::Config { greets: 1, ..everwire::Config::DEFAULT };
    let scenario = Scenario::open_with(config).after(Input::Rotate);
    let (old, new) = (scenario.generation(), scenario.spare());
    let mut scenario = scenario
        .after(Input::TokenReady(new, TOKEN))
        .after(Input::SocketOpened(new))
        .after(Input::Greeted(new));
    scenario.hear(new, true);
    assert_eq!(scenario.spare(), old);
    let scenario = scenario.after(Input::GreetingFailed(old));
    assert!(scenario.did_nothing());
    assert!(matches!(scenario.connection.spare(), Spare::Draining { .. }));
}
