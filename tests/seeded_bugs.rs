//! Shows that the model check would notice: each bug here is sown into a copy of the machine, one
//! at a time, and the property that is named beside it has to find it.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A bug, and what has to find it.
struct Bug {
    /// What is wrong with it, in words.
    what: &'static str,
    /// The file in `src`.
    file: &'static str,
    /// Text that is there exactly once, and what stands there instead.
    right: &'static str,
    wrong: &'static str,
    /// The beginning of the name of a test in `model_check.rs`.
    walk: &'static str,
    property: &'static str,
}

const LOSSES: &str = "losses";
const PAGE: &str = "the_page";
const LIVENESS: &str = "silence_of_a_server_that_answers";
const HAND_OVER: &str = "hand_overs";
const GREETING: &str = "greetings";
const OUTBOX: &str = "messages_in";

const BUGS: &[Bug] = &[
    Bug {
        what: "a hand-over forgets the old socket",
        file: "handover.rs",
        right: "self.spare = Spare::Draining { generation: self.current, until };",
        wrong: "self.spare = if until == turn.now { self.spare } else { Spare::None };",
        walk: HAND_OVER,
        property: "one socket, and two only in a hand-over",
    },
    Bug {
        what: "a handshake that takes too long is forgotten, not closed",
        file: "connection.rs",
        right: "self.close_sockets(turn);\n                    self.fail(turn, Problem::HandshakeTimedOut",
        wrong: "self.fail(turn, Problem::HandshakeTimedOut",
        walk: LOSSES,
        property: "a socket only where the state says so",
    },
    Bug {
        what: "open() connects a page that is not shown",
        file: "connection.rs",
        right: "if !self.page.is_shown {",
        wrong: "if false {",
        walk: PAGE,
        property: "a stored page holds no socket",
    },
    Bug {
        what: "close() does nothing while the page is stored",
        file: "connection.rs",
        right: "            State::Closed => {}\n            State::Suspended\n            | State::FetchingToken { .. }\n            | State::Connecting { .. }\n            | State::Open(_)\n            | State::Waiting { .. } => {\n                self.close_sockets(turn);",
        wrong: "            State::Closed | State::Suspended => {}\n            State::FetchingToken { .. }\n            | State::Connecting { .. }\n            | State::Open(_)\n            | State::Waiting { .. } => {\n                self.close_sockets(turn);",
        walk: PAGE,
        property: "close closes",
    },
    Bug {
        what: "close() forgets the messages that wait",
        file: "connection.rs",
        right: "        for message in self.outbox.drain() {\n            turn.refuse(message.id, problem);\n        }\n",
        wrong: "",
        walk: LOSSES,
        property: "a closed connection holds nothing",
    },
    Bug {
        what: "pageshow revives a client that the app has closed",
        file: "page.rs",
        right: "                State::Suspended => self.come_back(turn),\n                State::Closed\n                |",
        wrong: "                State::Suspended | State::Closed => self.come_back(turn),\n               ",
        walk: PAGE,
        property: "nothing but the app revives a closed connection",
    },
    Bug {
        what: "the old socket drains nine times too long",
        file: "handover.rs",
        right: "turn.now.plus(self.config.drain_ms)",
        wrong: "turn.now.plus(9 * self.config.drain_ms)",
        walk: HAND_OVER,
        property: "an old socket is closed when it has drained",
    },
    Bug {
        what: "the token of an older attempt fails the present one",
        file: "connection.rs",
        right: "        if self.awaits_token(generation) {\n            if generation == self.current {\n                self.fail(",
        wrong: "        {\n            if generation <= self.current {\n                self.fail(",
        walk: LOSSES,
        property: "late news change nothing",
    },
    Bug {
        what: "a greeting that fails on a socket that was replaced begins a hand-over",
        file: "handover.rs",
        right: "            Spare::Proving { generation: spare, is_greeted: false, .. } if spare == generation => {\n                self.spare_failed(turn);",
        wrong: "            _ if self.spare.socket() == Some(generation) => {\n                self.spare_failed(turn);",
        walk: GREETING,
        property: "late news change nothing",
    },
    Bug {
        what: "a connection that is given up leaves open() waiting",
        file: "connection.rs",
        right: "        self.settle(turn, Err(problem));\n",
        wrong: "",
        walk: LOSSES,
        property: "no promise of open waits in vain",
    },
    Bug {
        what: "a connection that is given up says that it is open",
        file: "connection.rs",
        right: "self.settle(turn, Err(problem));",
        wrong: "self.settle(turn, Ok(()));",
        walk: LOSSES,
        property: "open settles with the truth",
    },
    Bug {
        what: "close() of what is closed announces the end again",
        file: "connection.rs",
        right: "            State::Closed => {}\n            State::Suspended\n            | State::FetchingToken { .. }\n            | State::Connecting { .. }\n            | State::Open(_)\n            | State::Waiting { .. } => {\n                self.close_sockets(turn);",
        wrong: "            State::Closed\n            | State::Suspended\n            | State::FetchingToken { .. }\n            | State::Connecting { .. }\n            | State::Open(_)\n            | State::Waiting { .. } => {\n                self.close_sockets(turn);",
        walk: PAGE,
        property: "each life ends once",
    },
    Bug {
        what: "a socket that the browser refuses on the spot is announced as connecting after its end",
        file: "connection.rs",
        right: "        if generation == self.current {\n            self.enter(turn, State::Connecting { give_up_at }, Why::TokenReady);\n        } else {\n            self.spare = Spare::Connecting { generation, give_up_at };\n        }\n        // Last, since the browser may refuse it on the spot.\n        turn.push(Effect::OpenSocket(generation));\n",
        wrong: "        turn.push(Effect::OpenSocket(generation));\n        if generation == self.current {\n            self.enter(turn, State::Connecting { give_up_at }, Why::TokenReady);\n        } else {\n            self.spare = Spare::Connecting { generation, give_up_at };\n        }\n",
        walk: LOSSES,
        property: "what was announced last is what is",
    },
    Bug {
        what: "a message that has to wait is forgotten",
        file: "sending.rs",
        right: "            turn.refuse(older.id, Problem::Superseded);\n        }\n        self.outbox.insert(message);\n",
        wrong: "            turn.refuse(older.id, Problem::Superseded);\n        }\n",
        walk: LOSSES,
        property: "every message waits, or has one fate",
    },
    Bug {
        what: "a message that the socket did not take is blamed for a close with 1009",
        file: "sending.rs",
        right: "self.given.largest = self.given.largest.filter(|largest| *largest != message.id);",
        wrong: "",
        walk: OUTBOX,
        property: "every message waits, or has one fate",
    },
    Bug {
        what: "the message that came last goes first",
        file: "outbox.rs",
        right: "self.waiting.partition_point(|waiting| waiting.id < message.id)",
        wrong: "0",
        walk: OUTBOX,
        property: "messages keep their order on a socket",
    },
    Bug {
        what: "what a busy socket did not take is not offered again",
        file: "sending.rs",
        right: "            life.offer_at = None;\n            self.flush(turn);\n",
        wrong: "            life.offer_at = None;\n",
        walk: OUTBOX,
        property: "no message waits where a socket would take it",
    },
    Bug {
        what: "the outbox takes one message more than it may",
        file: "outbox.rs",
        right: "(self.waiting.len() as u64) < ",
        wrong: "(self.waiting.len() as u64) <= ",
        walk: OUTBOX,
        property: "the outbox keeps its bounds",
    },
    Bug {
        what: "a message that has expired goes if the socket is faster than the timer",
        file: "sending.rs",
        right: "            self.refuse_expired(turn);\n            for message in",
        wrong: "            for message in",
        walk: OUTBOX,
        property: "no message goes that is worth nothing any more",
    },
    Bug {
        what: "messages do not wait for the greeting",
        file: "liveness.rs",
        right: "self.greet_by.is_none() && !self.is_suspect",
        wrong: "!self.is_suspect",
        walk: GREETING,
        property: "nothing goes before the greeting",
    },
    Bug {
        what: "messages go to a socket that has to prove itself first",
        file: "liveness.rs",
        right: "self.greet_by.is_none() && !self.is_suspect",
        wrong: "self.greet_by.is_none()",
        walk: LIVENESS,
        property: "no message goes to a socket that is suspect",
    },
    Bug {
        what: "whoever looks at the page first after a sleep hides that it slept",
        file: "liveness.rs",
        right: "is_suspect || has_slept",
        wrong: "is_suspect && has_slept",
        walk: LIVENESS,
        property: "no message goes to a socket that is suspect",
    },
    Bug {
        what: "a socket that has to take over unproven gets messages before it answers",
        file: "handover.rs",
        right: "let is_suspect = self.config.heartbeat_ms != 0;",
        wrong: "let is_suspect = false;",
        walk: GREETING,
        property: "no message goes to a socket that is suspect",
    },
    Bug {
        what: "a token function that never settles is waited for",
        file: "connection.rs",
        right: "if turn.now >= give_up_at {\n                    self.fail(turn, Problem::TokenTimedOut",
        wrong: "if false {\n                    self.fail(turn, Problem::TokenTimedOut",
        walk: LOSSES,
        property: "no state without a way out",
    },
    Bug {
        what: "a socket is found to be stable over and over",
        file: "liveness.rs",
        right: "            life.stable_at = None;\n",
        wrong: "",
        walk: LOSSES,
        property: "a timer that fires is not due again at once",
    },
    Bug {
        what: "a timer that is early ends a wait",
        file: "connection.rs",
        right: "if turn.now >= retry_at {",
        wrong: "if true {",
        walk: LOSSES,
        property: "an early timeout is harmless",
    },
    Bug {
        what: "a socket has nine times too long to answer",
        file: "liveness.rs",
        right: "life.probe = Some(Probe { give_up_at: turn.now.plus(patience_ms), is_repeated });",
        wrong: "life.probe = Some(Probe { give_up_at: turn.now.plus(9 * patience_ms), is_repeated });",
        walk: LIVENESS,
        property: "a black hole is left within interval and timeout",
    },
    Bug {
        what: "every doubt sends another heartbeat",
        file: "liveness.rs",
        right: "if life.probe.is_none() && life.greet_by.is_none() {",
        wrong: "if life.greet_by.is_none() {",
        walk: LIVENESS,
        property: "one heartbeat at a time",
    },
];

const MANIFEST: &str = r#"
[package]
name = "everwire"
version = "0.1.0"
edition = "2024"

[workspace]

[dev-dependencies]
stateright = "0.31"

[profile.dev]
debug = false
opt-level = 1
"#;

#[test]
#[ignore = "minutes: part of npm run test:all"]
fn each_property_of_the_model_check_finds_the_bug_that_was_sown_for_it() {
    let garden = sow_nothing();
    println!("bug | the property that has to find it | others that did");
    let missed: Vec<&str> = BUGS.iter().filter(|bug| !is_found(&garden, bug)).map(|bug| bug.what).collect();
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

/// A copy of the machine and its model check, as a crate of its own.
fn sow_nothing() -> PathBuf {
    let garden = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeded-bugs");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let _ = fs::remove_dir_all(garden.join("src"));
    let _ = fs::remove_dir_all(garden.join("tests"));
    copy_files(&root.join("src"), &garden.join("src"));
    copy_files(&root.join("tests/model_check"), &garden.join("tests/model_check"));
    fs::copy(root.join("tests/model_check.rs"), garden.join("tests/model_check.rs")).expect("a copy");
    fs::copy(root.join("Cargo.lock"), garden.join("Cargo.lock")).expect("a copy");
    fs::write(garden.join("Cargo.toml"), MANIFEST).expect("a manifest");
    garden
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

/// Sows one bug, walks, and pulls it out again.
fn is_found(garden: &Path, bug: &Bug) -> bool {
    let file = garden.join("src").join(bug.file);
    let healthy = fs::read_to_string(&file).expect("a source file");
    assert_eq!(healthy.matches(bug.right).count(), 1, "{}: this text is there once: {}", bug.what, bug.right);
    fs::write(&file, healthy.replace(bug.right, bug.wrong)).expect("a seed");
    let found = walk(garden, bug.walk);
    fs::write(&file, healthy).expect("a cure");
    let is_found = found.contains(bug.property);
    let others = found.iter().filter(|property| *property != bug.property).map(String::as_str);
    let verdict = if is_found { bug.property } else { "NOT FOUND" };
    println!("{} | {verdict} | {}", bug.what, others.collect::<Vec<_>>().join("; "));
    is_found
}

/// The properties that are broken.
fn walk(garden: &Path, walk: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--quiet", "--test", "model_check", "--", "--nocapture", walk])
        .current_dir(garden)
        .env("CARGO_TARGET_DIR", garden.join("target"))
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("states visited"), "the copy did not walk:\n{complaints}");
    text.lines().filter_map(|line| line.strip_prefix("broken: ")).map(str::to_owned).collect()
}
