//! What Rust and TypeScript both know stands in both the same way.

#![cfg(not(target_arch = "wasm32"))]

use everwire::{Config, Problem, Why};

const OPTIONS: &str = include_str!("../pkg/src/options.ts");
const ERRORS: &str = include_str!("../pkg/src/error.ts");
const STATES: &str = include_str!("../pkg/src/state.ts");

/// `10000` as TypeScript has it: `10_000`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

#[test]
fn every_knob_has_the_same_name_default_and_range_in_the_same_order() {
    let table = &OPTIONS[OPTIONS.find("const KNOBS").unwrap()..];
    let mut from = 0;
    for knob in Config::KNOBS {
        let line = format!(
            "{}: [{}, {}, {}],",
            knob.name,
            grouped(knob.default),
            grouped(knob.min),
            grouped(knob.max)
        );
        let place = table[from..].find(&line);
        assert!(place.is_some(), "options.ts must have `{line}` in its place");
        from += place.unwrap();
    }
}

#[test]
fn every_default_is_documented() {
    for knob in Config::KNOBS {
        let declared = OPTIONS.find(&format!("  {}?:", knob.name)).unwrap();
        let doc = &OPTIONS[OPTIONS[..declared].rfind("/**").unwrap()..declared];
        let documented = doc.split_once("@default ").and_then(|(_, rest)| rest.split_whitespace().next());
        assert_eq!(documented, Some(knob.default.to_string().as_str()), "{}", knob.name);
    }
}

#[test]
fn every_problem_has_a_code_in_typescript() {
    for problem in Problem::ALL {
        assert!(ERRORS.contains(&format!("| '{}'", problem.code())), "error.ts lacks {problem:?}");
    }
}

#[test]
fn every_cause_has_a_code_in_typescript() {
    let causes = [
        Why::Opened,
        Why::Closed,
        Why::Reconnected,
        Why::TokenReady,
        Why::SocketOpened,
        Why::Stable,
        Why::RetryDue,
        Why::SocketClosed(1006),
        Why::ServerRefused(4403),
        Why::Failed(Problem::TokenFailed),
    ];
    for why in causes {
        // A variant more, and this does not compile until the list above has it too.
        match why {
            Why::Opened | Why::Closed | Why::Reconnected | Why::TokenReady | Why::SocketOpened => {}
            Why::Stable | Why::RetryDue | Why::SocketClosed(_) | Why::ServerRefused(_) => {}
            // Its codes are those of the problems, which have a test of their own.
            Why::Failed(_) => continue,
        }
        let listed = format!("| '{}'", why.code());
        assert!(STATES.contains(&listed) || ERRORS.contains(&listed), "state.ts lacks {why:?}");
    }
}

#[test]
fn texts_that_are_needed_before_the_core_is_loaded_are_the_same() {
    for (name, text) in [
        ("CLOSED_TEXT", Problem::Closed.explain()),
        ("OPEN_CALLED_TEXT", Why::Opened.explain()),
        ("CLOSE_CALLED_TEXT", Why::Closed.explain()),
    ] {
        assert!(ERRORS.contains(&format!("{name} = '{text}'")), "{name}");
    }
}
