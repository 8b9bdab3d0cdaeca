use everwire::backoff::{ceiling_ms, delay_ms};
use everwire::{Config, Input};
use proptest::prelude::*;

use crate::scenario::Scenario;

fn lose(scenario: &mut Scenario) {
    scenario.input(Input::SocketClosed(scenario.generation(), 1006));
}

#[test]
fn the_ceiling_doubles_from_one_second_to_thirty() {
    let ceilings: Vec<u32> = (1..=7).map(|failures| ceiling_ms(&Config::DEFAULT, failures)).collect();
    assert_eq!(ceilings, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
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
    scenario.pass_until_due();
    assert_eq!(scenario.announced().unwrap().attempt, 0);
    assert_eq!(scenario.announced().unwrap().ceiling_ms, 1_000);
}

#[test]
fn a_server_that_accepts_and_drops_is_not_hammered() {
    let mut scenario = Scenario::open();
    let mut ceilings = Vec::new();
    for _ in 0..6 {
        lose(&mut scenario);
        ceilings.push(scenario.announced().unwrap().ceiling_ms);
        scenario.come_back();
    }
    assert_eq!(ceilings, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
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
        (0..1_000).map(|seed| delay_ms(&Config::DEFAULT, seed, 6)).collect();
    assert!(delays.len() > 950, "{} of 1,000 are distinct", delays.len());
}

fn configs() -> impl Strategy<Value = Config> {
    (1..=3_600_000u32, 1..=3_600_000u32).prop_map(|(a, b)| Config {
        first_retry_ms: a.min(b),
        max_retry_ms: a.max(b),
        ..Config::DEFAULT
    })
}

proptest! {
    #[test]
    fn a_delay_lies_between_half_the_first_and_the_ceiling(
        config in configs(), seed: u64, failures: u32,
    ) {
        let delay = delay_ms(&config, seed, failures);
        prop_assert!(delay >= config.first_retry_ms / 2);
        prop_assert!(delay <= ceiling_ms(&config, failures));
    }

    #[test]
    fn a_ceiling_never_shrinks_and_never_passes_the_cap(config in configs(), failures in 0..u32::MAX) {
        let ceiling = ceiling_ms(&config, failures);
        prop_assert!(ceiling <= ceiling_ms(&config, failures + 1));
        prop_assert!(ceiling <= config.max_retry_ms);
    }

    #[test]
    fn the_same_seed_gives_the_same_delay(config in configs(), seed: u64, failures: u32) {
        prop_assert_eq!(delay_ms(&config, seed, failures), delay_ms(&config, seed, failures));
    }
}
