use everwire::{Config, Diagnosis, Effect, FINAL_CODES, Input, Problem, State, Token, Why};

use crate::scenario::{Scenario, TOKEN};

#[test]
fn a_socket_that_the_browser_refuses_is_not_tried_again() {
    let scenario = Scenario::connecting();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::SocketRefused(generation));
    assert_eq!(scenario.state(), State::Closed);
    assert_eq!(scenario.reported(), Some(Problem::SocketRefused));
    assert!(scenario.did(Effect::Settle(Err(Problem::SocketRefused))));
}

#[test]
fn connecting_is_announced_before_the_browser_can_refuse_the_socket() {
    let scenario = Scenario::connecting();
    assert!(matches!(scenario.effects.as_slice(), [Effect::Announce(_), Effect::OpenSocket(_)]));
}

#[test]
fn a_url_longer_than_the_service_takes_is_not_even_tried() {
    let scenario = Scenario::fetching_token();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::TokenReady(generation, Token { url_length: 4_097, ..TOKEN }));
    assert_eq!(scenario.state(), State::Closed);
    assert_eq!(scenario.reported(), Some(Problem::UrlTooLong));
}

#[test]
fn a_final_close_code_is_not_tried_again() {
    let scenario = Scenario::open().given_loss(4403);
    assert_eq!(scenario.state(), State::Closed);
    assert_eq!(scenario.why(), Some(Why::ServerRefused(4403)));
    assert_eq!(scenario.reported(), Some(Problem::ServerRefused));
}

#[test]
fn the_app_decides_which_codes_are_final() {
    let mut final_codes = [[0, 0]; FINAL_CODES];
    final_codes[0] = [4900, 4999];
    let open = || Scenario::open_with(Config { final_codes, ..Config::DEFAULT });
    assert_eq!(open().given_loss(4950).state(), State::Closed);
    assert!(open().given_loss(4403).is_waiting());
}

#[test]
fn client_errors_that_pass_with_time_are_tried_again() {
    for code in [4408, 4425, 4429] {
        assert!(Scenario::open().given_loss(code).is_waiting(), "{code}");
    }
}

#[test]
fn a_failed_handshake_is_reported_and_tried_again() {
    let scenario = Scenario::connecting().given_loss(1006);
    assert_eq!(scenario.reported(), Some(Problem::HandshakeFailed(Diagnosis::ServerDown)));
    assert!(scenario.is_waiting());
}

#[test]
fn a_failed_token_is_reported_and_tried_again() {
    let scenario = Scenario::fetching_token();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::TokenFailed(generation));
    assert_eq!(scenario.reported(), Some(Problem::TokenFailed));
    assert!(scenario.is_waiting());
}
