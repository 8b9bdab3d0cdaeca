//! How much memory the machine asks for, which counts alike on every machine.

#![cfg(not(target_arch = "wasm32"))]

use allocation_counter::measure;
use everwire::{Effect, Effects, Input};

#[path = "machine/scenario.rs"]
#[allow(dead_code, reason = "the tests of the machine need the rest of it")]
mod scenario;

use scenario::{Scenario, message};

#[test]
fn a_frame_that_arrives_takes_no_memory() {
    let mut scenario = Scenario::answered();
    let input = Input::Received { generation: scenario.generation(), at: scenario.now, is_answer: false };
    let counts = measure(|| {
        for _ in 0..1_000 {
            scenario.connection.handle(scenario.now, input);
        }
    });
    assert_eq!(counts.count_total, 0);
}

#[test]
fn a_message_that_leaves_at_once_takes_the_list_of_its_effects_alone() {
    let mut scenario = Scenario::answered();
    let counts = measure(|| {
        for id in 0..1_000 {
            let effects = scenario.connection.handle(scenario.now, Input::Send(message(id)));
            assert!(matches!(effects.as_slice(), [Effect::Transmit(..)]));
        }
    });
    assert_eq!((counts.count_total, counts.bytes_current), (1_000, 0));
}

#[test]
fn ten_thousand_reconnects_leave_nothing_behind() {
    let mut scenario = Scenario::answered();
    let counts = measure(|| {
        for _ in 0..10_000 {
            scenario.input(Input::SocketClosed(scenario.generation(), 1006));
            scenario.come_back();
            scenario.effects = Effects::default();
        }
    });
    assert!(scenario.is_open());
    assert_eq!(counts.bytes_current, 0);
}
