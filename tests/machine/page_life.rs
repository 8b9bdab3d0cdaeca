use everwire::{Config, Effect, Input, PageEvent, State, Why};

use crate::scenario::{HOUR_MS, Scenario, TOKEN, message};

const EVENTS: [PageEvent; 7] = [
    PageEvent::Online,
    PageEvent::Offline,
    PageEvent::Visible,
    PageEvent::Hidden,
    PageEvent::Resumed,
    PageEvent::Stored,
    PageEvent::Shown,
];

fn page(event: PageEvent) -> Input {
    Input::Page(event)
}

/// Waits for thirty seconds or so.
fn waiting_long() -> Scenario {
    let mut scenario = Scenario::waiting();
    for _ in 0..8 {
        scenario.come_back();
        scenario = scenario.given_loss(1006);
    }
    scenario
}

#[test]
fn no_event_of_the_page_revives_what_the_app_has_closed() {
    for first in EVENTS {
        for second in EVENTS {
            for scenario in [Scenario::closed(), Scenario::open().after(Input::Close)] {
                let scenario = scenario.after(page(first)).after(page(second));
                assert_eq!(scenario.state(), State::Closed, "{first:?}, {second:?}");
                assert!(scenario.did_nothing() && scenario.connection.deadline().is_none());
            }
        }
    }
}

#[test]
fn being_offline_is_a_reason_to_ask_and_no_proof() {
    let mut scenario = Scenario::answered().after(page(PageEvent::Offline));
    assert!(scenario.probed(scenario.generation()) && scenario.is_open());
    scenario.answer();
    assert_eq!(scenario.after(Input::Send(message(1))).transmitted(), [1]);
}

#[test]
fn a_socket_without_a_network_is_given_up_within_one_heartbeat() {
    let mut scenario = Scenario::answered().after(page(PageEvent::Offline));
    scenario.pass_awake(Config::DEFAULT.heartbeat_timeout_ms);
    assert!(!scenario.is_open());
}

#[test]
fn an_attempt_that_was_begun_without_a_network_begins_anew_when_there_is_one() {
    for scenario in [Scenario::fetching_token(), Scenario::connecting()] {
        let had_socket = matches!(scenario.state(), State::Connecting { .. });
        let scenario = scenario.after(page(PageEvent::Online));
        assert_eq!(scenario.closed_socket(scenario.generation()), had_socket);
        assert!(scenario.is_waiting() && scenario.retry_in_ms() <= 1_000);
    }
}

#[test]
fn whoever_comes_back_does_not_wait_for_long() {
    for event in [PageEvent::Online, PageEvent::Visible] {
        let scenario = waiting_long();
        let failures = scenario.announced().unwrap().attempt;
        let scenario = scenario.after(page(event));
        assert!(scenario.is_waiting() && scenario.retry_in_ms() <= 1_000, "{event:?}");
        // Whoever switches tabs during an outage does not begin the backoff anew each time.
        assert_eq!(scenario.announced().unwrap().attempt, failures);
    }
}

#[test]
fn coming_back_over_and_over_puts_nothing_off() {
    let mut scenario = waiting_long().after(page(PageEvent::Visible));
    let due = scenario.connection.deadline().unwrap();
    while scenario.now < due {
        scenario.input(page(PageEvent::Visible));
        assert!(scenario.connection.deadline().unwrap() <= due);
        scenario.pass(10);
    }
}

#[test]
fn an_attempt_on_its_way_is_left_alone_by_whoever_looks() {
    for event in [PageEvent::Visible, PageEvent::Hidden, PageEvent::Resumed, PageEvent::Shown] {
        for scenario in [Scenario::fetching_token(), Scenario::connecting()] {
            let before = scenario.state();
            let scenario = scenario.after(page(event));
            assert!(scenario.did_nothing() && scenario.state() == before, "{event:?}");
        }
    }
}

#[test]
fn whoever_looks_at_a_socket_that_was_heard_just_now_asks_nothing() {
    let mut scenario = Scenario::answered();
    scenario.pass(9_999);
    assert!(scenario.after(page(PageEvent::Visible)).did_nothing());
}

#[test]
fn whoever_looks_at_a_socket_that_has_been_silent_asks() {
    let mut scenario = Scenario::answered().after(page(PageEvent::Hidden));
    scenario.pass(10_000);
    let scenario = scenario.after(page(PageEvent::Visible));
    assert!(scenario.probed(scenario.generation()));
}

#[test]
fn a_page_that_was_frozen_asks_and_holds_messages_until_the_answer() {
    let scenario = Scenario::answered().after(page(PageEvent::Resumed));
    assert!(scenario.probed(scenario.generation()));
    let mut scenario = scenario.after(Input::Send(message(1)));
    assert!(scenario.transmitted().is_empty());
    scenario.answer();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn a_page_that_slept_holds_messages_whatever_it_hears_of_first() {
    for event in [PageEvent::Visible, PageEvent::Offline, PageEvent::Online] {
        let mut scenario = Scenario::answered();
        scenario.pass(HOUR_MS);
        let scenario = scenario.after(page(event)).after(Input::Send(message(1)));
        assert!(scenario.transmitted().is_empty(), "{event:?}");
    }
}

#[test]
fn a_page_that_is_stored_holds_no_socket() {
    for scenario in [Scenario::connecting(), Scenario::open()] {
        let scenario = scenario.after(page(PageEvent::Stored));
        assert!(scenario.closed_socket(scenario.generation()));
        assert_eq!(scenario.state(), State::Suspended);
        assert_eq!(scenario.why(), Some(Why::PageStored));
    }
}

#[test]
fn a_page_that_is_stored_during_a_hand_over_holds_neither_socket() {
    let scenario = Scenario::answered().after(Input::Rotate);
    let (old, new) = (scenario.generation(), scenario.spare());
    let scenario = scenario.after(Input::TokenReady(new, TOKEN)).after(page(PageEvent::Stored));
    assert!(scenario.closed_socket(old) && scenario.closed_socket(new));
    assert_eq!(scenario.connection.deadline(), None);
}

#[test]
fn a_page_that_is_shown_again_connects_again() {
    let mut scenario = Scenario::suspended();
    scenario.pass(HOUR_MS);
    let scenario = scenario.after(page(PageEvent::Shown));
    assert!(scenario.asked_for_token());
    assert_eq!(scenario.why(), Some(Why::PageShown));
}

#[test]
fn a_page_that_is_shown_again_says_what_it_may_have_missed() {
    let mut scenario = Scenario::suspended();
    scenario.pass(HOUR_MS);
    let scenario = scenario.after(page(PageEvent::Shown)).given_token().given_socket();
    assert_eq!(scenario.announced().unwrap().gap_ms, Some(HOUR_MS));
}

#[test]
fn a_client_that_is_closed_while_the_page_is_stored_stays_closed() {
    let scenario = Scenario::suspended().after(Input::Close).after(page(PageEvent::Shown));
    assert!(scenario.did_nothing());
    assert_eq!(scenario.state(), State::Closed);
}

#[test]
fn a_prerendered_page_connects_when_it_is_shown() {
    for wish in [Input::Open, Input::Reconnect] {
        let scenario = Scenario::closed().after(page(PageEvent::Stored)).after(wish);
        assert_eq!(scenario.state(), State::Suspended);
        assert!(!scenario.asked_for_token());
        assert!(scenario.after(page(PageEvent::Shown)).asked_for_token());
    }
}

#[test]
fn open_waits_until_the_page_is_shown() {
    let scenario = Scenario::closed().after(page(PageEvent::Stored)).after(Input::Open);
    let scenario = scenario.after(page(PageEvent::Shown)).given_token().given_socket();
    assert!(scenario.did(Effect::Settle(Ok(()))));
}

#[test]
fn messages_of_a_stored_page_wait() {
    let mut scenario = Scenario::suspended().after(Input::Send(message(1)));
    assert!(scenario.did_nothing());
    scenario = scenario.after(page(PageEvent::Shown)).given_token().given_socket();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn what_is_said_twice_is_done_once() {
    for event in EVENTS {
        for scenario in Scenario::in_each_state() {
            let scenario = scenario.after(page(event));
            let state = scenario.state();
            assert!(scenario.after(page(event)).did_nothing(), "{event:?} in {state:?}");
        }
    }
}
