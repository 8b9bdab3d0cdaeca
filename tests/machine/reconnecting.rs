use everwire::{Effect, Input, State, Why};

use crate::scenario::Scenario;

#[test]
fn a_lost_socket_is_waited_for_and_then_replaced() {
    let mut scenario = Scenario::waiting();
    assert_eq!(scenario.why(), Some(Why::SocketClosed(1006)));
    scenario.come_back();
    assert!(matches!(scenario.state(), State::Open { .. }));
}

#[test]
fn the_announcement_says_when_the_retry_comes() {
    let scenario = Scenario::waiting();
    let retry_in = scenario.announced().unwrap().retry_in_ms.unwrap();
    assert_eq!(scenario.connection.deadline(), Some(scenario.now.plus(retry_in)));
}

#[test]
fn a_normal_close_by_the_server_is_a_loss_too() {
    let scenario = Scenario::open();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::SocketClosed(generation, 1000));
    assert!(matches!(scenario.state(), State::Waiting { .. }));
}

#[test]
fn reconnect_starts_an_attempt_at_once_from_every_state() {
    for scenario in Scenario::in_each_state() {
        let scenario = scenario.after(Input::Reconnect);
        assert!(matches!(scenario.state(), State::FetchingToken { .. }));
        assert!(scenario.did(Effect::RequestToken(scenario.generation())));
        assert_eq!(scenario.why(), Some(Why::Reconnected));
    }
}

#[test]
fn reconnect_closes_the_socket_that_is_there_first() {
    for scenario in [Scenario::connecting(), Scenario::open()] {
        let old = scenario.generation();
        let scenario = scenario.after(Input::Reconnect);
        assert_eq!(scenario.effects.as_slice().first(), Some(&Effect::CloseSocket(old, 1000)));
    }
}

#[test]
fn reconnect_while_open_is_pending_leaves_open_to_settle_later() {
    let mut scenario = Scenario::connecting().after(Input::Reconnect);
    assert!(scenario.connection.is_opening());
    scenario.input(Input::TokenReady(scenario.generation()));
    scenario.input(Input::SocketOpened(scenario.generation()));
    assert!(scenario.did(Effect::Settle(Ok(()))));
}
