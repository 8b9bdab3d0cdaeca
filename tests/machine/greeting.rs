use everwire::{Config, Effect, Input, Problem};

use crate::scenario::{Scenario, message};

const CONFIG: Config = Config { greets: 1, heartbeat_required: 1, ..Config::DEFAULT };

fn greeting() -> Scenario {
    Scenario::open_with(CONFIG)
}

#[test]
fn the_greeting_goes_first_on_each_socket() {
    let mut scenario = greeting();
    for _ in 0..2 {
        assert!(scenario.did(Effect::Greet(scenario.generation())));
        scenario = scenario.given_loss(1006);
        scenario.come_back();
    }
}

#[test]
fn nothing_overtakes_the_greeting() {
    let mut scenario = greeting().after(Input::Send(message(1)));
    assert!(scenario.did_nothing());
    scenario.pass(5_000);
    let scenario = scenario.after(Input::Send(message(2)));
    let generation = scenario.generation();
    assert_eq!(scenario.after(Input::Greeted(generation)).transmitted(), [1, 2]);
}

#[test]
fn no_heartbeat_overtakes_the_greeting() {
    let config = Config { heartbeat_ms: 1_000, heartbeat_required: 0, ..CONFIG };
    let mut scenario = Scenario::open_with(config);
    assert!(!scenario.probed(scenario.generation()));
    for event in [everwire::PageEvent::Resumed, everwire::PageEvent::Offline] {
        scenario.pass(3_000);
        scenario.input(Input::Page(event));
        scenario.input(Input::Timeout);
        assert!(scenario.did_nothing());
    }
    let generation = scenario.generation();
    assert!(scenario.after(Input::Greeted(generation)).probed(generation));
}

#[test]
fn what_waited_goes_after_the_greeting_in_order() {
    let scenario = Scenario::with(CONFIG).after(Input::Open).after(Input::Send(message(1)));
    let scenario = scenario.after(Input::Send(message(2))).given_token().given_socket();
    assert!(scenario.transmitted().is_empty());
    let generation = scenario.generation();
    assert_eq!(scenario.after(Input::Greeted(generation)).transmitted(), [1, 2]);
}

#[test]
fn a_greeting_that_cannot_be_made_fails_the_attempt() {
    let scenario = greeting();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::GreetingFailed(generation));
    assert!(scenario.closed_socket(generation) && scenario.is_waiting());
    assert_eq!(scenario.reported(), Some(Problem::GreetingFailed));
}

#[test]
fn a_greeting_that_never_settles_fails_the_attempt() {
    let mut scenario = greeting();
    let generation = scenario.generation();
    scenario.pass_awake(CONFIG.token_timeout_ms);
    assert!(!scenario.is_open());
    assert!(scenario.after(Input::Greeted(generation)).did_nothing());
}

#[test]
fn a_greeting_that_was_slept_through_fails_the_attempt() {
    let mut scenario = greeting().after(Input::Send(message(1)));
    let generation = scenario.generation();
    scenario.pass(3_600_000);
    let scenario = scenario.after(Input::Greeted(generation));
    assert!(scenario.closed_socket(generation) && scenario.transmitted().is_empty());
}

#[test]
fn a_page_that_was_frozen_during_the_greeting_asks_before_it_sends() {
    let scenario = greeting().after(Input::Page(everwire::PageEvent::Resumed));
    let generation = scenario.generation();
    let mut scenario = scenario.after(Input::Send(message(1))).after(Input::Greeted(generation));
    assert!(scenario.probed(generation) && scenario.transmitted().is_empty());
    scenario.answer();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn greetings_that_fail_back_off() {
    let mut scenario = greeting();
    for attempt in 1..=4 {
        scenario.input(Input::GreetingFailed(scenario.generation()));
        assert_eq!(scenario.announced().unwrap().attempt, attempt);
        scenario.come_back();
    }
}

#[test]
fn a_greeting_that_is_told_twice_changes_nothing() {
    let scenario = greeting();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::Greeted(generation));
    let before = scenario.connection.clone();
    let scenario = scenario.after(Input::Greeted(generation)).after(Input::GreetingFailed(generation));
    assert!(scenario.did_nothing() && scenario.connection == before);
}
