//! What a fleet does in an outage. Small fleets: the numbers that matter at a million are the
//! command line's business.

use everwire::Config;
use everwire::backoff::{self, Attempt, Pace};
use everwire_fleet::client::Everwire;
use everwire_fleet::gateway::{Gateway, HANDSHAKES_PER_SECOND};
use everwire_fleet::hint::Hinted;
use everwire_fleet::policy::{self, Modelled, Policy, seeds};
use everwire_fleet::report::{Report, Run};
use everwire_fleet::scenario::Scenario;
use everwire_fleet::simulation::{self, Client, Outcomes, Settings};

const DAY_MS: u64 = 86_400_000;
const SCENARIOS: [Scenario; 4] =
    [Scenario::Restart, Scenario::Rolling, Scenario::Throttled, Scenario::Flapping];

fn run(scenario: Scenario, clients: Vec<impl Client>) -> (Report, Outcomes) {
    let fault = scenario.fault();
    let ideal_ms = fault.ideal_ms(clients.len() as u32, HANDSHAKES_PER_SECOND);
    let settings = Settings { fault, handshakes_per_second: HANDSHAKES_PER_SECOND, give_up_after_ms: DAY_MS };
    let outcomes = simulation::run(&settings, clients);
    let run = Run { scenario, policy: String::new(), seed: 0, over_at_ms: fault.over_at(), ideal_ms };
    (Report::new(run, &outcomes), outcomes)
}

fn everwire(seed: u64, clients: u32) -> Vec<Everwire> {
    seeds(seed, clients).map(|seed| Everwire::proven(Config::DEFAULT, seed)).collect()
}

fn modelled(policy: &dyn Policy, clients: u32) -> Vec<Modelled<'_>> {
    seeds(1, clients).map(|seed| Modelled::proven(policy, seed)).collect()
}

fn report_on(policy: &str, clients: u32) -> Report {
    run(Scenario::Throttled, modelled(policy::named(policy).unwrap(), clients)).0
}

#[test]
fn a_thousand_clients_come_back_from_every_fault() {
    for scenario in SCENARIOS {
        assert_eq!(run(scenario, everwire(1, 1_000)).0.back, 1_000, "{scenario:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let report = |seed| run(Scenario::Restart, everwire(seed, 1_000)).0;
    assert_eq!(report(1), report(1));
    assert_ne!(report(1), report(2));
}

#[test]
fn nobody_comes_back_faster_than_the_quota_admits() {
    for scenario in SCENARIOS {
        let (_, outcomes) = run(scenario, everwire(1, 3_000));
        let mut back: Vec<u64> = outcomes.clients.iter().filter_map(|client| client.back_at_ms).collect();
        back.sort_unstable();
        for (index, at) in back.iter().enumerate() {
            let last_of_next_second = back.partition_point(|later| *later <= at + 1_000);
            // A full bucket and a second's refill.
            assert!(last_of_next_second - index <= 1_001, "{scenario:?}");
        }
    }
}

#[test]
fn while_the_server_is_away_nobody_is_back() {
    let (_, outcomes) = run(Scenario::Restart, everwire(1, 1_000));
    let first = outcomes.clients.iter().filter_map(|client| client.back_at_ms).min();
    assert!(first.unwrap() >= Scenario::Restart.fault().away_ms);
}

#[test]
fn a_socket_that_flaps_does_not_count_as_back() {
    let (_, outcomes) = run(Scenario::Flapping, everwire(1, 100));
    for client in outcomes.clients {
        assert!(client.back_at_ms.unwrap() >= Scenario::Flapping.fault().flapping_ms);
        assert!(client.attempts > 1);
    }
}

#[test]
fn every_attempt_is_counted_in_its_second() {
    let (_, outcomes) = run(Scenario::Throttled, everwire(1, 3_000));
    let by_client: u32 = outcomes.clients.iter().map(|client| client.attempts).sum();
    assert_eq!(by_client, outcomes.attempts_in_second.iter().sum());
}

#[test]
fn the_bucket_holds_a_second_and_refills_by_the_millisecond() {
    let mut gateway = Gateway::new(500, 0);
    let mut admitted = |now| (0..2_000).filter(|_| gateway.admits(now)).count();
    assert_eq!(
        [admitted(0), admitted(1), admitted(2), admitted(1_000), admitted(9_000)],
        [500, 0, 1, 499, 500]
    );
}

/// The delays of the real client, in the model.
struct Delays;

impl Policy for Delays {
    fn name(&self) -> &str {
        "the real client's delays"
    }

    fn delay_ms(&self, seed: u64, failures: u32) -> Option<u32> {
        let attempt = Attempt { seed, failures, is_visible: true };
        Some(backoff::delay_ms(&Config::DEFAULT, attempt, Pace::Usual))
    }

    fn stable_after_ms(&self) -> u64 {
        u64::from(Config::DEFAULT.stable_after_ms)
    }
}

#[test]
fn a_model_with_the_real_delays_fares_as_the_real_client_does() {
    for scenario in SCENARIOS {
        let (real, _) = run(scenario, everwire(1, 2_000));
        assert_eq!(run(scenario, modelled(&Delays, 2_000)).0, real, "{scenario:?}");
    }
}

#[test]
fn without_jitter_and_cap_most_of_a_fleet_stays_away_for_a_day() {
    assert!(report_on("original", 10_000).back < 9_000);
}

#[test]
fn partysocket_comes_back_in_crowds_of_what_the_quota_holds() {
    let report = report_on("partysocket", 10_000);
    assert_eq!((report.attempts_max, report.peak_attempts_per_second), (20, 10_000));
}

#[test]
fn a_client_that_gives_up_is_not_waited_for() {
    let report = report_on("graphql-ws", 50_000);
    assert!(report.back < 50_000);
    assert_eq!((report.attempts_max, report.back_after_s[3]), (5, None));
}

#[test]
fn a_place_in_the_crowd_brings_fleets_back_within_the_targets() {
    for clients in [1_000, 2_000, 3_500, 7_000, 10_000, 20_000] {
        let report = report_on("place-60", clients);
        assert!(report.back_after_ideals[2].unwrap() <= 1.3, "{report:?}");
        assert!(report.attempts_mean <= 8.0, "{report:?}");
    }
}

#[test]
fn with_a_hint_nearly_every_client_needs_one_attempt() {
    let hinted = Hinted {
        policy: policy::named("place-60").unwrap(),
        retry_after_ms: Scenario::Restart.fault().away_ms as u32,
        spread_ms: 20_000,
    };
    let (report, _) = run(Scenario::Restart, modelled(&hinted, 10_000));
    assert!(report.back_after_ideals[2].unwrap() <= 1.05, "{report:?}");
    assert!(report.attempts_mean <= 1.1, "{report:?}");
}

#[test]
fn no_delay_of_a_place_passes_its_cap() {
    let policy = policy::named("place-60").unwrap();
    for seed in seeds(1, 1_000) {
        assert!(policy.delay_ms(seed, 1).unwrap() <= 1_000);
        for failures in (2..100).chain([u32::MAX]) {
            assert!((400..=60_000).contains(&policy.delay_ms(seed, failures).unwrap()));
        }
    }
}
