use everwire::{Effect, Input, Problem, State, Why};

use crate::scenario::Scenario;

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
fn a_final_close_code_is_not_tried_again() {
    let scenario = Scenario::open();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::SocketClosed(generation, 4403));
    assert_eq!(scenario.state(), State::Closed);
    assert_eq!(scenario.why(), Some(Why::ServerRefused(4403)));
    assert!(scenario.did(Effect::Report(Problem::ServerRefused)));
}

#[test]
fn client_errors_that_pass_with_time_are_tried_again() {
    for code in [4408, 4425, 4429] {
        let scenario = Scenario::open();
        let generation = scenario.generation();
        let scenario = scenario.after(Input::SocketClosed(generation, code));
        assert!(matches!(scenario.state(), State::Waiting { .. }), "{code}");
    }
}

#[test]
fn a_failed_handshake_is_reported_and_tried_again() {
    let scenario = Scenario::connecting();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::SocketClosed(generation, 1006));
    assert_eq!(scenario.reported(), Some(Problem::HandshakeFailed));
    assert!(matches!(scenario.state(), State::Waiting { .. }));
}

#[test]
fn a_failed_token_is_reported_and_tried_again() {
    let scenario = Scenario::fetching_token();
    let generation = scenario.generation();
    let scenario = scenario.after(Input::TokenFailed(generation));
    assert_eq!(scenario.reported(), Some(Problem::TokenFailed));
    assert!(matches!(scenario.state(), State::Waiting { .. }));
}
