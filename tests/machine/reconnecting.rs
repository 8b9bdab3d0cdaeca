use everwire::{Effect, Input, Why};

use crate::scenario::Scenario;

#[test]
fn a_lost_socket_is_waited_for_and_then_replaced() {
    let mut scenario = Scenario::waiting();
    assert_eq!(scenario.why(), Some(Why::SocketClosed(1006)));
    scenario.come_back();
    assert!(scenario.is_open());
}

#[test]
fn the_announcement_says_when_the_retry_comes() {
    let scenario = Scenario::waiting();
    let due = scenario.now.plus(scenario.retry_in_ms());
    assert_eq!(scenario.connection.deadline(), Some(due));
}

#[test]
fn a_normal_close_by_the_server_is_a_loss_too() {
    assert!(Scenario::open().given_loss(1000).is_waiting());
}

#[test]
fn a_socket_that_comes_after_a_loss_says_for_how_long_nothing_was_heard() {
    let mut scenario = Scenario::answered();
    scenario.pass(5_000);
    let mut scenario = scenario.given_loss(1006);
    let heard_at = scenario.now.minus(5_000);
    scenario.pass_until_due();
    let scenario = scenario.given_token().given_socket();
    assert_eq!(scenario.announced().unwrap().gap_ms, Some(heard_at.until(scenario.now)));
}

#[test]
fn a_gap_is_not_made_shorter_by_heartbeats_that_nobody_answered() {
    let mut scenario = Scenario::open();
    let heard_at = scenario.now;
    scenario.pass_awake(crate::scenario::HOUR_MS);
    let mut scenario = scenario.given_loss(1006);
    scenario.pass_until_due();
    let scenario = scenario.given_token().given_socket();
    assert_eq!(scenario.announced().unwrap().gap_ms, Some(heard_at.until(scenario.now)));
}

#[test]
fn the_first_socket_comes_after_no_gap() {
    assert_eq!(Scenario::open().announced().unwrap().gap_ms, None);
}

#[test]
fn reconnect_starts_an_attempt_at_once_from_every_state_of_a_page_that_is_shown() {
    for scenario in Scenario::in_each_state() {
        if scenario.state() == everwire::State::Suspended {
            continue;
        }
        let scenario = scenario.after(Input::Reconnect);
        assert!(scenario.asked_for_token());
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
    let scenario = Scenario::connecting().after(Input::Reconnect);
    assert!(scenario.connection.is_opening());
    assert!(scenario.given_token().given_socket().did(Effect::Settle(Ok(()))));
}
