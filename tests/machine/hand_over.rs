use everwire::{Config, Effect, Input, Problem, Spare, State, Token, Why};
use proptest::prelude::*;

use crate::scenario::{HOUR_MS, Scenario, TOKEN, message};

/// A hand-over has begun: its token has been asked for.
fn begun() -> Scenario {
    Scenario::answered().after(Input::Rotate)
}

/// The second socket's handshake goes on.
fn connecting() -> Scenario {
    let scenario = begun();
    let new = scenario.spare();
    scenario.after(Input::TokenReady(new, TOKEN))
}

/// The second socket is open and has to bring a frame.
fn proving() -> Scenario {
    let scenario = connecting();
    let new = scenario.spare();
    scenario.after(Input::SocketOpened(new))
}

/// The second socket has taken over; the first one drains.
fn draining() -> Scenario {
    let mut scenario = proving();
    scenario.hear(scenario.spare(), true);
    scenario
}

/// One try of a hand-over in which the second socket does not open.
fn refuse_once(scenario: &mut Scenario) {
    scenario.input(Input::TokenReady(scenario.spare(), TOKEN));
    scenario.input(Input::SocketClosed(scenario.spare(), 1006));
}

#[test]
fn a_hand_over_begins_with_a_token_of_its_own_and_leaves_the_socket_alone() {
    let scenario = begun();
    assert_eq!(scenario.asked_for_refresh(), Some(false));
    assert!(scenario.is_open() && scenario.announced().is_none());
    assert!(connecting().did(Effect::OpenSocket(connecting().spare())));
}

#[test]
fn the_second_socket_is_proven_by_a_round_trip() {
    let scenario = proving();
    let (old, new) = (scenario.generation(), scenario.spare());
    assert!(scenario.probed(new));
    let mut scenario = scenario.after(Input::Send(message(1)));
    assert_eq!(scenario.transmitted_to(), [(old, 1)]);
    scenario.hear(new, false);
    assert_eq!(scenario.why(), Some(Why::HandedOver));
    assert_eq!(scenario.generation(), new);
}

#[test]
fn the_user_notices_nothing() {
    let snapshot = draining().announced().unwrap();
    assert!(matches!(snapshot.state, State::Open(_)));
    assert_eq!((snapshot.attempt, snapshot.gap_ms), (0, None));
}

#[test]
fn messages_go_to_the_second_socket_once_it_has_taken_over() {
    let scenario = draining().after(Input::Send(message(1)));
    assert_eq!(scenario.transmitted_to(), [(scenario.generation(), 1)]);
}

#[test]
fn the_first_socket_drains_and_is_closed() {
    let mut scenario = draining();
    let old = scenario.spare();
    assert!(!scenario.closed_socket(old));
    scenario.pass_awake(Config::DEFAULT.drain_ms - 1);
    assert_eq!(scenario.spare(), old);
    scenario.pass(1);
    assert!(scenario.after(Input::Timeout).closed_socket(old));
}

#[test]
fn a_first_socket_that_closes_while_it_drains_is_no_loss() {
    let scenario = draining();
    let old = scenario.spare();
    let scenario = scenario.after(Input::SocketClosed(old, 1006));
    assert!(scenario.did_nothing() && scenario.connection.spare() == Spare::None);
}

#[test]
fn rotating_twice_begins_one_hand_over() {
    for scenario in [begun(), connecting(), proving()] {
        assert!(scenario.after(Input::Rotate).did_nothing());
    }
}

#[test]
fn rotating_while_the_old_socket_drains_waits_until_it_has() {
    let scenario = draining().after(Input::Rotate);
    assert!(scenario.did_nothing());
    let mut scenario = scenario;
    scenario.pass_until_due();
    scenario.pass_until_due();
    assert!(scenario.asked_for_token());
}

#[test]
fn rotating_does_nothing_where_what_is_under_way_is_new_already() {
    for scenario in Scenario::in_each_state() {
        if !scenario.is_open() {
            assert!(scenario.after(Input::Rotate).did_nothing());
        }
    }
}

#[test]
fn a_second_socket_that_is_refused_is_tried_again_with_a_refreshed_token() {
    let mut scenario = begun();
    refuse_once(&mut scenario);
    assert!(scenario.is_open());
    scenario.pass_until_next_try();
    assert_eq!(scenario.asked_for_refresh(), Some(true));
}

#[test]
fn a_second_socket_that_is_refused_thrice_has_the_first_one_make_room() {
    let mut scenario = begun();
    let old = scenario.generation();
    for _ in 0..2 {
        refuse_once(&mut scenario);
        assert!(scenario.is_open());
        scenario.pass_until_next_try();
    }
    refuse_once(&mut scenario);
    assert!(scenario.closed_socket(old) && scenario.asked_for_token());
    assert_eq!(scenario.why(), Some(Why::HandOverFailed));
}

#[test]
fn a_token_function_that_fails_costs_no_socket_that_works() {
    let mut scenario = begun();
    let old = scenario.generation();
    for _ in 0..10 {
        scenario.input(Input::TokenFailed(scenario.spare()));
        assert_eq!(scenario.reported(), Some(Problem::TokenFailed));
        scenario.pass_until_next_try();
    }
    assert!(scenario.is_open() && scenario.generation() == old);
}

#[test]
fn a_second_socket_that_does_not_answer_is_closed_in_time() {
    let mut scenario = proving();
    let new = scenario.spare();
    scenario.pass(Config::DEFAULT.heartbeat_timeout_ms);
    scenario.notify();
    scenario.input(Input::Timeout);
    assert!(scenario.closed_socket(new) && scenario.is_open());
}

#[test]
fn a_second_socket_of_a_server_that_never_answers_takes_over_after_the_timeout() {
    let scenario = Scenario::open().after(Input::Rotate);
    let new = scenario.spare();
    let mut scenario = scenario.after(Input::TokenReady(new, TOKEN)).after(Input::SocketOpened(new));
    scenario.pass_awake(Config::DEFAULT.heartbeat_timeout_ms);
    assert_eq!(scenario.generation(), new);
}

#[test]
fn without_a_heartbeat_the_handshake_is_proof_enough() {
    let scenario = Scenario::open_with(Config { heartbeat_ms: 0, ..Config::DEFAULT }).after(Input::Rotate);
    let new = scenario.spare();
    let scenario = scenario.after(Input::TokenReady(new, TOKEN)).after(Input::SocketOpened(new));
    assert_eq!(scenario.generation(), new);
}

#[test]
fn a_greeting_goes_before_the_proof_and_has_a_time_of_its_own() {
    let config = Config { greets: 1, heartbeat_required: 1, ..Config::DEFAULT };
    let scenario = Scenario::open_with(config);
    let old = scenario.generation();
    let scenario = scenario.after(Input::Greeted(old)).after(Input::Rotate);
    let new = scenario.spare();
    let mut scenario = scenario.after(Input::TokenReady(new, TOKEN)).after(Input::SocketOpened(new));
    assert_eq!(scenario.effects.as_slice(), [Effect::Greet(new)]);
    scenario.hear(new, false);
    assert_eq!(scenario.generation(), old, "a frame before the greeting proves nothing");
    scenario.pass(config.token_timeout_ms - 1);
    let mut scenario = scenario.after(Input::Greeted(new));
    assert!(scenario.probed(new));
    scenario.pass(config.heartbeat_timeout_ms - 1);
    scenario.notify();
    assert!(!scenario.after(Input::Timeout).closed_socket(new));
}

#[test]
fn a_first_socket_that_is_lost_meanwhile_is_replaced_by_the_attempt_on_its_way() {
    for (scenario, state) in [(begun(), "fetching"), (connecting(), "connecting"), (proving(), "open")] {
        let new = scenario.spare();
        let scenario = scenario.given_loss(1006);
        assert_eq!(scenario.generation(), new, "{state}");
        assert_eq!(scenario.connection.spare(), Spare::None);
        let is_as_far = match scenario.state() {
            State::FetchingToken { .. } => state == "fetching",
            State::Connecting { .. } => state == "connecting",
            State::Open(_) => state == "open",
            State::Closed | State::Suspended | State::Waiting { .. } => false,
        };
        assert!(is_as_far, "{state}");
    }
}

#[test]
fn a_second_socket_that_had_to_take_over_unproven_still_has_to_answer() {
    let mut scenario = proving().given_loss(1006);
    let new = scenario.generation();
    scenario.pass_until_due();
    assert!(scenario.closed_socket(new));
}

#[test]
fn messages_wait_for_the_proof_of_a_socket_that_had_to_take_over_unproven() {
    let mut scenario = proving().given_loss(1006).after(Input::Send(message(1)));
    assert!(scenario.transmitted().is_empty());
    scenario.answer();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn messages_go_at_once_to_a_socket_that_had_to_take_over_and_cannot_be_asked() {
    let config = Config { heartbeat_ms: 0, greets: 1, ..Config::DEFAULT };
    let scenario = Scenario::open_with(config).after(Input::Rotate);
    let new = scenario.spare();
    let scenario =
        scenario.after(Input::TokenReady(new, TOKEN)).after(Input::SocketOpened(new)).given_loss(1006);
    let scenario = scenario.after(Input::Send(message(1)));
    assert!(scenario.transmitted().is_empty());
    assert_eq!(scenario.after(Input::Greeted(new)).transmitted(), [1]);
}

#[test]
fn the_old_socket_s_answer_counts_too() {
    let scenario = Scenario::open().after(Input::Rotate);
    let (old, new) = (scenario.generation(), scenario.spare());
    let mut scenario = scenario.after(Input::TokenReady(new, TOKEN)).after(Input::SocketOpened(new));
    scenario.hear(new, false);
    scenario.hear(old, true);
    scenario.pass_awake(40_000);
    assert!(!scenario.is_open(), "the server answers, so the new socket is judged");
}

#[test]
fn a_first_socket_that_is_lost_between_two_tries_is_waited_for_as_usual() {
    let mut scenario = begun();
    refuse_once(&mut scenario);
    let scenario = scenario.given_loss(1006);
    assert!(scenario.is_waiting() && scenario.connection.spare() == Spare::None);
}

#[test]
fn a_first_socket_whose_successor_is_lost_while_it_drains_is_closed() {
    let scenario = draining();
    let old = scenario.spare();
    let scenario = scenario.given_loss(1006);
    assert!(scenario.closed_socket(old) && scenario.is_waiting());
}

#[test]
fn a_socket_is_replaced_before_the_service_ends_it() {
    let mut scenario = Scenario::answered();
    let opened_at = scenario.now;
    while !scenario.asked_for_token() {
        scenario.notify();
        scenario.pass_until_due();
    }
    let age = opened_at.until(scenario.now);
    assert!((2 * HOUR_MS - 900_000..=2 * HOUR_MS - 300_000).contains(&age), "{age}");
}

fn opened_with(config: Config, token: Token) -> Scenario {
    let scenario = Scenario::with(config).after(Input::Open);
    let generation = scenario.generation();
    scenario.after(Input::TokenReady(generation, token)).given_socket()
}

fn rotate_at(scenario: &Scenario) -> Option<u32> {
    match scenario.state() {
        State::Open(life) => life.rotate_at.map(|at| scenario.now.until(at)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_that_is_about_to_expire_is_replaced_by_a_refreshed_one_if_the_app_wants_that() {
    let token = Token { lives_ms: Some(600_000), ..TOKEN };
    assert!(rotate_at(&opened_with(Config::DEFAULT, token)) > Some(600_000));
    let config = Config { rotate_before_expiry_ms: 60_000, ..Config::DEFAULT };
    let mut scenario = opened_with(config, token);
    assert_eq!(rotate_at(&scenario), Some(540_000));
    scenario.pass(540_000);
    assert_eq!(scenario.after(Input::Timeout).asked_for_refresh(), Some(true));
}

proptest! {
    #[test]
    fn a_fleet_that_connected_together_rotates_at_different_times(seeds in prop::collection::btree_set(any::<u64>(), 20)) {
        let moments: std::collections::BTreeSet<_> = seeds.into_iter().map(|seed| {
            let mut scenario = Scenario::closed();
            scenario.connection = everwire::Connection::new(Config::DEFAULT, seed);
            rotate_at(&scenario.after(Input::Open).given_token().given_socket())
        }).collect();
        prop_assert!(moments.len() >= 15);
    }

    #[test]
    fn a_socket_is_replaced_in_its_life_and_never_in_its_first_half(
        max_life_ms in 2u32..86_400_000, rotate_early_ms in 1u32..86_400_000,
    ) {
        let config = Config { max_life_ms, rotate_early_ms, ..Config::DEFAULT };
        let at = rotate_at(&opened_with(config, TOKEN)).unwrap();
        prop_assert!((max_life_ms / 2..=max_life_ms).contains(&at));
    }

    #[test]
    fn no_token_however_short_has_sockets_replaced_in_a_loop(
        lives_ms in 0u32..600_000, rotate_before_expiry_ms in 1u32..600_000,
    ) {
        let config = Config { rotate_before_expiry_ms, ..Config::DEFAULT };
        let at = rotate_at(&opened_with(config, Token { lives_ms: Some(lives_ms), ..TOKEN })).unwrap();
        prop_assert!(at >= config.max_retry_ms);
    }
}
