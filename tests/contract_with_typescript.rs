//! What Rust and TypeScript both know stands in both the same way.

#![cfg(not(target_arch = "wasm32"))]

use everwire::{Config, Diagnosis, Problem, Why, close};

const OPTIONS: &str = include_str!("../pkg/src/options.ts");
const ERRORS: &str = include_str!("../pkg/src/error.ts");
const STATES: &str = include_str!("../pkg/src/state.ts");
const TEXTS: &str = include_str!("../pkg/src/texts.ts");
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

/// The texts of a list of texts.ts, in order. One of error.ts that the list names is looked up there.
fn texts(list: &str) -> Vec<&'static str> {
    let (_, from) = TEXTS.split_once(&format!("const {list}: ")).unwrap();
    let (_, from) = from.split_once("= ").unwrap();
    let lines = from.lines().skip(1).take_while(|line| line.starts_with(' '));
    lines.flat_map(|line| words(line).filter_map(text)).collect()
}

/// What commas and brackets separate outside of quotes.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    line.split(move |character| match quote {
        Some(open) => {
            quote = Some(open).filter(|open| *open != character);
            false
        }
        None => {
            quote = Some(character).filter(|character| matches!(character, '\'' | '"'));
            matches!(character, '[' | ']' | ',' | ' ')
        }
    })
}

/// What stands between quotes, or what a name stands for.
fn text(word: &'static str) -> Option<&'static str> {
    if word.ends_with("_TEXT") {
        let (_, quoted) = ERRORS.split_once(&format!("{word} = ")).unwrap();
        return text(quoted.lines().next().unwrap());
    }
    word.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])
}

#[test]
fn every_problem_has_the_same_place_name_and_text() {
    let expected: Vec<_> =
        Problem::ALL.iter().flat_map(|problem| [problem.code(), problem.explain()]).collect();
    assert_eq!(texts("PROBLEMS"), expected);
    for (place, problem) in Problem::ALL.into_iter().enumerate() {
        assert_eq!(problem.number(), place as u32);
    }
}

#[test]
fn every_cause_has_the_same_place_name_and_text() {
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
    ];
    let expected: Vec<_> = causes.iter().flat_map(|why| [why.code(), why.explain()]).collect();
    assert_eq!(texts("CAUSES"), expected);
    for (place, why) in causes.into_iter().chain([Why::SocketClosed(1006)]).enumerate() {
        assert_eq!(why.number(), place as u32);
    }
    // Those that are a problem follow.
    let first = causes.len() as u32 + 1;
    for problem in Problem::ALL {
        assert_eq!(Why::Failed(problem).number(), first + problem.number());
    }
    assert_eq!(Why::ServerRefused(4403).number(), first + Problem::ServerRefused.number());
}

#[test]
fn every_close_code_has_the_same_text() {
    let mut named = texts("CLOSE_CODES").into_iter();
    let fallback = |code| match code {
        4400..=4499 => "the server refuses this client",
        _ => "closed by the server",
    };
    for code in (1000..=4999).filter(|code| TEXTS.contains(&format!("\n  {code}: "))) {
        assert_eq!(named.next(), Some(close::explain(code)), "{code}");
    }
    for code in (1000..=4999).filter(|code| !TEXTS.contains(&format!("\n  {code}: "))) {
        assert_eq!(close::explain(code), fallback(code), "{code}");
    }
    for text in [fallback(4400), fallback(4000)] {
        assert!(TEXTS.contains(&format!("'{text}'")), "{text}");
    }
}

#[test]
fn the_problems_that_the_driver_knows_by_their_places_are_in_them() {
    for (name, problem) in [
        ("TOKEN_FAILED", Problem::TokenFailed),
        ("NOT_JSON", Problem::NotJson),
        ("NOT_TEXT", Problem::NotText),
        ("DIAGNOSED", Problem::HandshakeFailed(Diagnosis::ALL[0])),
    ] {
        assert!(TEXTS.contains(&format!("const {name} = {}\n", problem.number())), "{name}");
    }
}

#[test]
fn every_diagnosis_has_the_same_place_and_name() {
    let codes = Diagnosis::ALL.map(|diagnosis| format!("'{}'", diagnosis.code()));
    assert!(TEXTS.contains(&format!("DIAGNOSES: readonly HandshakeDiagnosis[] = [{}]", codes.join(", "))));
    assert!(ERRORS.contains(&format!("HandshakeDiagnosis = {}", codes.join(" | "))));
}

#[test]
fn the_final_close_codes_are_the_same() {
    for [from, to] in close::FINAL.into_iter().filter(|range| *range != [0, 0]) {
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
