use everwire::backoff::{Attempt, Pace, ceiling_ms, delay_ms};
use everwire::{Config, Diagnosis, Hint, Input, PageEvent, Problem, State};
use proptest::prelude::*;

use crate::scenario::{HOUR_MS, Scenario};

const HINT: Hint = Hint { retry_after_ms: 60_000, spread_ms: 10_000 };

/// Loses a socket before it has proven itself.
fn lose(scenario: &mut Scenario) {
    scenario.input(Input::SocketClosed(scenario.generation(), 1006));
}

fn visible(seed: u64, failures: u32) -> Attempt {
    Attempt { seed, failures, is_visible: true }
}

fn proven() -> Scenario {
    let mut scenario = Scenario::answered();
    scenario.pass_until_due();
    scenario
}

#[test]
fn the_ceiling_doubles_from_one_second_to_a_hundred() {
    let ceilings: Vec<u32> = (1..=8).map(|failures| ceiling_ms(&Config::DEFAULT, failures, true)).collect();
    assert_eq!(ceilings, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 100_000]);
}

#[test]
fn the_ceiling_goes_on_to_five_minutes_where_nobody_looks() {
    assert_eq!(ceiling_ms(&Config::DEFAULT, 7, false), 64_000);
    assert_eq!(ceiling_ms(&Config::DEFAULT, 20, false), 300_000);
}

#[test]
fn each_failure_counts() {
    let mut scenario = Scenario::open();
    for attempt in 1..=3 {
        lose(&mut scenario);
        assert_eq!(scenario.announced().unwrap().attempt, attempt);
        scenario.come_back();
    }
}

#[test]
fn a_socket_that_stays_open_is_proof_and_resets_the_backoff() {
    let mut scenario = Scenario::waiting();
    scenario.come_back();
    assert_eq!(scenario.announced().unwrap().ceiling_ms, 2_000);
    scenario.answer();
    scenario.pass_until_due();
    assert_eq!(scenario.announced().unwrap().attempt, 0);
    assert_eq!(scenario.announced().unwrap().ceiling_ms, 1_000);
}

#[test]
fn time_alone_is_no_proof_where_the_server_answers() {
    let mut scenario = Scenario::answered().given_loss(1006);
    scenario.come_back();
    scenario.pass_until_due();
    assert!(scenario.announced().is_none() && scenario.probed(scenario.generation()));
    scenario.answer();
    assert_eq!(scenario.announced().unwrap().attempt, 0);
}

#[test]
fn a_socket_that_has_not_greeted_yet_proves_nothing() {
    let config = Config { greets: 1, stable_after_ms: 0, ..Config::DEFAULT };
    let mut scenario = Scenario::open_with(config).given_loss(1006);
    scenario.come_back();
    scenario.notify();
    lose(&mut scenario);
    assert_eq!(scenario.announced().unwrap().attempt, 2);
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered() {
    let mut scenario = Scenario::open();
    let mut ceilings = Vec::new();
    for _ in 0..7 {
        lose(&mut scenario);
        ceilings.push(scenario.announced().unwrap().ceiling_ms);
        scenario.come_back();
    }
    assert_eq!(ceilings, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000]);
}

#[test]
fn a_proven_socket_that_is_lost_is_replaced_within_a_second() {
    let scenario = proven().given_loss(1006);
    assert!(scenario.retry_in_ms() <= 1_000);
}

#[test]
fn a_server_that_sees_too_many_clients_gets_them_back_spread() {
    for code in [1008, 1013, 4429] {
        let delays: Vec<u32> =
            (0..50).map(|seed| delay_ms(&Config::DEFAULT, visible(seed, 1), Pace::Spread)).collect();
        assert!(delays.iter().max() > Some(&50_000) && delays.iter().min() < Some(&5_000), "{delays:?}");
        let scenario = proven().given_loss(code);
        assert!(matches!(scenario.state(), State::Waiting { is_firm: true, .. }), "{code}");
    }
}

#[test]
fn a_crowd_is_remembered_for_the_handshakes_that_fail_after_it() {
    let mut scenario = proven().given_loss(1013);
    scenario.pass_until_due();
    let scenario = scenario.given_token().given_loss(1006);
    assert_eq!(scenario.reported(), Some(Problem::HandshakeFailed(Diagnosis::Throttled)));
}

#[test]
fn a_hint_of_the_server_is_honoured_once() {
    let mut scenario = proven().after(Input::Hint(HINT)).given_loss(1012);
    assert!((60_000..=70_000).contains(&scenario.retry_in_ms()));
    scenario.come_back();
    lose(&mut scenario);
    assert!(scenario.retry_in_ms() <= 2_000);
}

#[test]
fn nobody_who_comes_back_to_the_page_shortens_a_wait_that_the_server_asked_for() {
    for event in [PageEvent::Visible, PageEvent::Online] {
        let scenario = proven().after(Input::Hint(HINT)).given_loss(1012);
        assert!(scenario.after(Input::Page(event)).did_nothing());
    }
}

#[test]
fn a_wait_that_the_server_asked_for_outlasts_the_page_being_stored() {
    let scenario = proven().after(Input::Hint(HINT)).given_loss(1012);
    let due = scenario.connection.deadline();
    let scenario = scenario.after(Input::Page(PageEvent::Stored)).after(Input::Page(PageEvent::Shown));
    assert_eq!(scenario.connection.deadline(), due);
    let mut scenario = scenario.after(Input::Page(PageEvent::Stored));
    scenario.pass(HOUR_MS);
    assert!(scenario.after(Input::Page(PageEvent::Shown)).asked_for_token());
}

#[test]
fn attempts_are_given_up_after_as_many_as_the_app_allows() {
    let mut scenario = Scenario::with(Config { max_attempts: 2, ..Config::DEFAULT }).after(Input::Open);
    scenario.input(Input::TokenFailed(scenario.generation()));
    assert!(scenario.is_waiting());
    scenario.pass_until_due();
    scenario.input(Input::TokenFailed(scenario.generation()));
    assert_eq!(scenario.state(), State::Closed);
    assert!(scenario.did(everwire::Effect::Settle(Err(Problem::AttemptsExhausted))));
}

#[test]
fn opening_after_all_attempts_have_failed_allows_as_many_again() {
    let mut scenario = Scenario::with(Config { max_attempts: 1, ..Config::DEFAULT }).after(Input::Open);
    for _ in 0..2 {
        scenario.input(Input::TokenFailed(scenario.generation()));
        assert_eq!(scenario.state(), State::Closed);
        scenario.input(Input::Open);
        assert!(matches!(scenario.state(), State::FetchingToken { .. }));
    }
}

#[test]
fn opening_after_a_close_starts_from_the_beginning() {
    let mut scenario = Scenario::waiting();
    scenario.come_back();
    lose(&mut scenario);
    let scenario = scenario.after(Input::Close).after(Input::Open);
    assert_eq!(scenario.announced().unwrap().attempt, 0);
}

#[test]
fn two_clients_that_lose_the_same_server_come_back_at_different_times() {
    let delays: std::collections::BTreeSet<u32> =
        (0..1_000).map(|seed| delay_ms(&Config::DEFAULT, visible(seed, 6), Pace::Usual)).collect();
    assert!(delays.len() > 900, "{} of 1,000 are distinct", delays.len());
}

#[test]
fn one_client_has_another_place_in_the_crowd_in_each_outage() {
    let mut scenario = proven();
    let mut first_waits = std::collections::BTreeSet::new();
    for _ in 0..100 {
        lose(&mut scenario);
        first_waits.insert(scenario.retry_in_ms());
        scenario.come_back();
        scenario.answer();
        scenario.pass_until_due();
    }
    assert!(first_waits.len() > 80, "{} of 100 are distinct", first_waits.len());
}

fn configs() -> impl Strategy<Value = Config> {
    (1..=HOUR_MS, 1..=HOUR_MS, 1..=HOUR_MS).prop_map(|(a, b, auth_retry_ms)| Config {
        first_retry_ms: a.min(b),
        max_retry_ms: a.max(b),
        auth_retry_ms,
        ..Config::DEFAULT
    })
}

proptest! {
    #[test]
    fn a_delay_lies_between_its_floor_and_its_ceiling(
        config in configs(), seed: u64, failures: u32, is_visible: bool,
    ) {
        let delay = |pace| delay_ms(&config, Attempt { seed, failures, is_visible }, pace);
        let (floor, ceiling) = (config.first_retry_ms / 2, ceiling_ms(&config, failures, is_visible));
        let first_floor = if failures < 2 { 0 } else { floor };
        prop_assert!(delay(Pace::Soon) <= config.first_retry_ms);
        prop_assert!((first_floor..=ceiling).contains(&delay(Pace::Usual)));
        prop_assert!((floor..=HOUR_MS).contains(&delay(Pace::Spread)));
        prop_assert!((config.auth_retry_ms / 2..=config.auth_retry_ms).contains(&delay(Pace::Long)));
    }

    #[test]
    fn each_wait_is_longer_than_the_one_before_until_the_waits_grow_slowly(
        first_retry_ms in 100..60_000u32, seed: u64, failures in 1..12u32,
    ) {
        let config = Config { first_retry_ms, max_retry_ms: HOUR_MS, ..Config::DEFAULT };
        let [this, next] = [failures, failures + 1].map(|n| delay_ms(&config, visible(seed, n), Pace::Usual));
        prop_assert!(next > this / 2 && (next > this || next > HOUR_MS * 33 / 100 || failures == 1));
    }

    #[test]
    fn a_ceiling_never_shrinks_and_never_passes_the_cap(config in configs(), failures in 0..u32::MAX) {
        let ceiling = ceiling_ms(&config, failures, true);
        prop_assert!(ceiling <= ceiling_ms(&config, failures + 1, true));
        prop_assert!(ceiling <= config.max_retry_ms);
        prop_assert!(ceiling <= ceiling_ms(&config, failures, false));
    }

    #[test]
    fn a_hinted_wait_lies_within_what_the_server_asked(retry_after_ms in 0..HOUR_MS, spread_ms in 0..HOUR_MS) {
        let scenario = proven().after(Input::Hint(Hint { retry_after_ms, spread_ms })).given_loss(1012);
        prop_assert!((retry_after_ms..=retry_after_ms + spread_ms).contains(&scenario.retry_in_ms()));
    }
}
