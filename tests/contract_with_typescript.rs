//! What Rust and TypeScript both know stands in both the same way.

#![cfg(not(target_arch = "wasm32"))]

use everwire::{Config, Diagnosis, Problem, Why, close};

const OPTIONS: &str = include_str!("../pkg/src/options.ts");
const ERRORS: &str = include_str!("../pkg/src/error.ts");
const STATES: &str = include_str!("../pkg/src/state.ts");
const MACHINE: &str = include_str!("../pkg/src/machine.ts");
const EXPORTS: &str = include_str!("../src/npm.rs");

/// Knobs that stand for an option of another name or type.
const NOT_NUMBERS: [&str; 3] = ["heartbeatRequired", "dropOldest", "greets"];

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
    for knob in Config::KNOBS.into_iter().filter(|knob| !NOT_NUMBERS.contains(&knob.name)) {
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
        Why::HandedOver,
        Why::HandOverFailed,
        Why::RetryDue,
        Why::Online,
        Why::Visible,
        Why::PageStored,
        Why::PageShown,
        Why::SocketClosed(1006),
        Why::ServerRefused(4403),
        Why::Failed(Problem::TokenFailed),
    ];
    for why in causes {
        // A variant more, and this does not compile until the list above has it too.
        match why {
            Why::Opened | Why::Closed | Why::Reconnected | Why::TokenReady | Why::SocketOpened => {}
            Why::Stable | Why::RetryDue | Why::SocketClosed(_) | Why::ServerRefused(_) => {}
            Why::HandedOver | Why::HandOverFailed | Why::Online | Why::Visible => {}
            Why::PageStored | Why::PageShown => {}
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
        ("NOT_JSON_TEXT", Problem::NotJson.explain()),
        ("NOT_TEXT_TEXT", Problem::NotText.explain()),
    ] {
        let quoted = [format!("{name} = '{text}'"), format!("{name} = \"{text}\"")];
        assert!(quoted.iter().any(|line| ERRORS.contains(line)), "{name}");
    }
}

#[test]
fn every_diagnosis_has_a_code_in_typescript() {
    for diagnosis in Diagnosis::ALL {
        let code = format!("'{}'", diagnosis.code());
        assert!(ERRORS.contains(&code), "error.ts lacks {diagnosis:?}");
    }
}

#[test]
fn the_final_close_codes_are_the_same() {
    for (from, to) in close::FINAL.into_iter().filter(|range| *range != (0, 0)) {
        assert!(OPTIONS.contains(&format!("[{from}, {to}],")), "options.ts lacks {from} to {to}");
    }
}

/// `TOKEN_READY` as Rust has it: `TokenReady`.
fn camel_case(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect()
}

/// The numbers between two comments of machine.ts, with the names that Rust has for them.
fn numbers(from: &str, to: &str) -> Vec<(String, u32)> {
    let from = MACHINE.find(from).unwrap();
    let part = &MACHINE[from..from + MACHINE[from..].find(to).unwrap()];
    let lines = part.lines().filter_map(|line| line.strip_prefix("export const ")?.split_once(" = "));
    lines.map(|(name, number)| (camel_case(name), number.parse().unwrap())).collect()
}

#[test]
fn every_input_has_the_same_number() {
    let inputs = numbers("// What happens to a connection", "// What is to be done");
    assert_eq!(inputs.len(), 19);
    for (name, number) in inputs {
        assert!(
            EXPORTS.contains(&format!("        {number} => Input::{name}")),
            "npm.rs: {number} is no {name}"
        );
    }
}

#[test]
fn every_effect_has_the_same_number() {
    let effects = numbers("// What is to be done", "// What happens to the page");
    let renamed = |name: &str| match name {
        "Opened" => "Settle(Ok(()))".to_owned(),
        "GaveUp" => "Settle(Err(problem))".to_owned(),
        name => name.to_owned(),
    };
    assert_eq!(effects.len(), 12);
    for (name, number) in effects {
        if name == "Announce" {
            assert!(EXPORTS.contains(&format!("self.words({number}, status(")), "the number of Announce");
            continue;
        }
        let arm = EXPORTS.split_once(&format!("Effect::{}", renamed(&name))).map(|(_, arm)| arm);
        let words = arm.and_then(|arm| arm.split_once("self.words(")).map(|(_, words)| words);
        let first = words.and_then(|words| words.split_once(',')).map(|(first, _)| first);
        assert_eq!(first, Some(number.to_string().as_str()), "npm.rs: the number of {name}");
    }
}

#[test]
fn every_event_of_the_page_has_the_same_number() {
    let events = numbers("// What happens to the page", "\n\n");
    assert_eq!(events.len(), 7);
    for (name, number) in events {
        assert!(
            EXPORTS.contains(&format!("{number} => PageEvent::{name},")),
            "npm.rs: {number} is no {name}"
        );
    }
}

#[test]
fn every_status_has_the_same_place() {
    let list = STATES.split_once("STATUSES = [").and_then(|(_, list)| list.split_once(']')).unwrap().0;
    for (place, status) in list.split(',').map(|status| status.trim().trim_matches('\'')).enumerate() {
        let name = camel_case(&status.to_uppercase().replace('-', "_"));
        let arm = EXPORTS.split_once(&format!("State::{name}")).map(|(_, arm)| arm);
        let number = arm.and_then(|arm| arm.split_once("=> ")).and_then(|(_, number)| number.split_once(','));
        assert_eq!(number.map(|(number, _)| number), Some(place.to_string().as_str()), "npm.rs: {name}");
    }
}
