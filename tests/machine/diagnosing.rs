use everwire::{Config, Diagnosis, Effect, Evidence, Input, PageEvent, Problem, State, Token, TokenHistory};
use proptest::prelude::*;

use crate::scenario::{Scenario, TOKEN};

const EXPIRED: Token = Token { lives_ms: Some(0), ..TOKEN };
const REFUSED: Token = Token { history: TokenHistory::Refused, ..TOKEN };

/// The handshake fails with such a token.
fn refused(mut scenario: Scenario, token: Token) -> Scenario {
    if scenario.is_waiting() {
        scenario.pass_until_due();
    }
    let generation = scenario.generation();
    scenario.after(Input::TokenReady(generation, token)).given_loss(1006)
}

fn first_refused(token: Token) -> Scenario {
    refused(Scenario::fetching_token(), token)
}

fn diagnosis(scenario: &Scenario) -> Diagnosis {
    match scenario.reported() {
        Some(Problem::HandshakeFailed(diagnosis)) => diagnosis,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_other_evidence_the_server_is_down() {
    assert_eq!(diagnosis(&first_refused(TOKEN)), Diagnosis::ServerDown);
}

#[test]
fn without_a_network_nothing_else_is_suspected() {
    let scenario = Scenario::fetching_token().after(Input::Page(PageEvent::Offline));
    assert_eq!(diagnosis(&refused(scenario, EXPIRED)), Diagnosis::Offline);
}

#[test]
fn a_network_that_is_back_ends_the_wait() {
    let scenario = Scenario::fetching_token().after(Input::Page(PageEvent::Offline));
    let mut scenario = refused(scenario, TOKEN);
    for _ in 0..5 {
        scenario = refused(scenario, TOKEN);
    }
    let scenario = scenario.after(Input::Page(PageEvent::Online));
    assert!(scenario.connection.deadline() <= Some(scenario.now.plus(1_000)));
}

#[test]
fn a_token_that_has_expired_is_suspected_and_refreshed_once() {
    let mut scenario = first_refused(EXPIRED);
    assert_eq!(diagnosis(&scenario), Diagnosis::AuthSuspect);
    assert!(scenario.retry_in_ms() <= 1_000);
    scenario.pass_until_due();
    assert_eq!(scenario.asked_for_refresh(), Some(true));
}

#[test]
fn a_token_that_is_refused_twice_is_suspected() {
    assert_eq!(diagnosis(&first_refused(REFUSED)), Diagnosis::AuthSuspect);
}

#[test]
fn a_token_that_is_still_at_fault_after_a_refresh_is_shown_rarely() {
    let scenario = refused(first_refused(EXPIRED), EXPIRED);
    assert_eq!(diagnosis(&scenario), Diagnosis::AuthSuspect);
    assert!(scenario.retry_in_ms() >= Config::DEFAULT.auth_retry_ms / 2);
    assert!(matches!(scenario.state(), State::Waiting { is_firm: true, .. }));
}

#[test]
fn a_refresh_is_asked_for_again_until_it_has_been_had() {
    let mut scenario = first_refused(EXPIRED);
    for _ in 0..3 {
        scenario.pass_until_due();
        assert_eq!(scenario.asked_for_refresh(), Some(true));
        scenario.input(Input::TokenFailed(scenario.generation()));
    }
}

#[test]
fn a_server_that_is_down_does_not_have_every_token_refreshed() {
    let mut scenario = refused(first_refused(EXPIRED), TOKEN);
    for _ in 0..5 {
        assert_eq!(diagnosis(&scenario), Diagnosis::ServerDown);
        scenario.pass_until_due();
        assert_eq!(scenario.asked_for_refresh(), Some(false));
        let generation = scenario.generation();
        scenario = scenario.after(Input::TokenReady(generation, REFUSED)).given_loss(1006);
    }
}

#[test]
fn a_socket_that_opens_clears_the_token_of_suspicion() {
    let mut scenario = first_refused(EXPIRED);
    scenario.come_back();
    let mut scenario = scenario.given_loss(1006);
    scenario.pass_until_due();
    assert_eq!(scenario.asked_for_refresh(), Some(false));
}

#[test]
fn a_clock_that_is_wrong_is_not_believed_again() {
    let scenario = Scenario::fetching_token();
    let generation = scenario.generation();
    let mut scenario = scenario.after(Input::TokenReady(generation, EXPIRED)).given_socket();
    assert!(scenario.is_open());
    scenario = scenario.given_loss(1006);
    assert_eq!(diagnosis(&refused(scenario, EXPIRED)), Diagnosis::ServerDown);
}

#[test]
fn a_user_who_may_not_connect_is_final_until_open() {
    let scenario = Scenario::fetching_token();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::TokenDenied(generation));
    assert_eq!(scenario.state(), State::Closed);
    assert!(scenario.did(Effect::Settle(Err(Problem::Unauthorized))));
    assert!(scenario.after(Input::Open).asked_for_token());
}

#[test]
fn a_user_who_may_not_connect_any_more_loses_the_open_socket_too() {
    let scenario = Scenario::answered().after(Input::Rotate);
    let (old, new) = (scenario.generation(), scenario.spare());
    let scenario = scenario.after(Input::TokenDenied(new));
    assert_eq!(scenario.state(), State::Closed);
    assert!(scenario.closed_socket(old));
}

proptest! {
    #[test]
    fn offline_goes_before_auth_and_auth_before_throttled(
        is_online: bool, token_expired: bool, was_refused: bool, is_crowded: bool,
    ) {
        let token_history = if was_refused { TokenHistory::Refused } else { TokenHistory::Accepted };
        let expected = match (is_online, token_expired || was_refused, is_crowded) {
            (false, _, _) => Diagnosis::Offline,
            (true, true, _) => Diagnosis::AuthSuspect,
            (true, false, true) => Diagnosis::Throttled,
            (true, false, false) => Diagnosis::ServerDown,
        };
        let evidence = Evidence { is_online, token_expired, token_history, is_crowded };
        prop_assert_eq!(evidence.diagnose(), expected);
    }
}
