//! What the npm package's TypeScript sees of the machine: eight functions of numbers.
//!
//! The module imports nothing: no clock, no randomness, no browser. It cannot do anything but
//! say what is to be done, and pkg/src/driver.ts does it. No generated glue stands in between,
//! which would be a third of the download, and no closure, string or handle crosses; a message
//! that arrives does not cross at all.
//!
//! Effects come out as words of 32 bits in [`Core::words`]: what to do, then what with. Numbers
//! of inputs and effects, and the order of the words, are those of pkg/src/machine.ts.

// Exported names are unsafe to the compiler, since two of them could clash.
#![allow(unsafe_code)]

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::{
    Config, Connection, Effect, FINAL_CODES, Generation, Hint, Input, Message, MessageId, Millis, PageEvent,
    Problem, Snapshot, State, Token, TokenHistory,
};

#[cfg(target_arch = "wasm32")]
mod memory;

/// A panic is a bug, and ends this client only: the trap reaches pkg/src/client.ts, which puts
/// another in its place.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// A word that stands for nothing.
const NONE: u32 = u32::MAX;

const KNOBS: usize = Config::KNOBS.len() + FINAL_CODES;

/// One client's machine. Each client has an instance of the module, so one is enough.
struct Core {
    connection: Connection,
    words: Vec<u32>,
}

struct Instance(RefCell<Option<Box<Core>>>);

// SAFETY: the module is built without threads, and one thread runs each instance.
unsafe impl Sync for Instance {}

static INSTANCE: Instance = Instance(RefCell::new(None));

struct Knobs(RefCell<[u32; KNOBS]>);

// SAFETY: as above.
unsafe impl Sync for Knobs {}

static KNOB_VALUES: Knobs = Knobs(RefCell::new([0; KNOBS]));

/// Where to write the values of [`Config::KNOBS`] and the ranges of final close codes, before
/// [`start`].
#[unsafe(no_mangle)]
pub extern "C" fn knobs() -> *mut u32 {
    KNOB_VALUES.0.as_ptr().cast()
}

/// Makes the machine. The seed comes in halves, since JavaScript has no whole number of 64 bits
/// that is cheap.
#[unsafe(no_mangle)]
pub extern "C" fn start(seed_low: u32, seed_high: u32) {
    let config = Config::from_knobs(&*KNOB_VALUES.0.borrow());
    let connection = Connection::new(config, u64::from(seed_high) << 32 | u64::from(seed_low));
    INSTANCE.0.replace(Some(Box::new(Core { connection, words: Vec::new() })));
}

/// Takes an input: its number, and up to four words and a moment that belong to it. Gives the
/// number of words that say what is to be done.
#[unsafe(no_mangle)]
pub extern "C" fn handle(now: f64, number: u32, a: u32, b: u32, c: u32, d: u32, at: f64) -> u32 {
    with_core(0, |core| {
        core.words.clear();
        let Some(input) = input(number, a, b, c, d, at) else { return 0 };
        for effect in core.connection.handle(Millis(now as u64), input) {
            core.put(effect);
        }
        core.words.len() as u32
    })
}

/// Where the words are.
#[unsafe(no_mangle)]
pub extern "C" fn words() -> *const u32 {
    with_core(core::ptr::null(), |core| core.words.as_ptr())
}

/// When the next `Timeout` is due; not a number if never.
#[unsafe(no_mangle)]
pub extern "C" fn deadline() -> f64 {
    with_core(f64::NAN, |core| core.connection.deadline().map_or(f64::NAN, |at| at.0 as f64))
}

/// See [`Connection::wants_news`].
#[unsafe(no_mangle)]
pub extern "C" fn news() -> u32 {
    with_core(0, |core| u32::from(core.connection.wants_news()))
}

/// See [`Connection::awaits_token`].
#[unsafe(no_mangle)]
pub extern "C" fn awaits(generation: u32) -> u32 {
    with_core(0, |core| u32::from(core.connection.awaits_token(Generation(generation))))
}

/// How many messages wait for a socket.
#[unsafe(no_mangle)]
pub extern "C" fn queued() -> u32 {
    with_core(0, |core| core.connection.outbox().messages().len() as u32)
}

fn with_core<R>(absent: R, then: impl FnOnce(&mut Core) -> R) -> R {
    match INSTANCE.0.borrow_mut().as_deref_mut() {
        Some(core) => then(core),
        None => absent,
    }
}

fn input(number: u32, a: u32, b: u32, c: u32, d: u32, at: f64) -> Option<Input> {
    let generation = Generation(a);
    Some(match number {
        0 => Input::Open,
        1 => Input::Close,
        2 => Input::Reconnect,
        3 => Input::Rotate,
        4 => Input::Send(message(a, b, c, at)),
        5 => Input::Cancel(MessageId(a)),
        6 => Input::Greeted(generation),
        7 => Input::GreetingFailed(generation),
        8 => Input::TokenReady(generation, token(b, c, at)),
        9 => Input::TokenFailed(generation),
        10 => Input::TokenDenied(generation),
        11 => Input::SocketRefused(generation),
        12 => Input::SocketOpened(generation),
        13 => Input::Received { generation, at: Millis(at as u64), is_answer: b != 0 },
        14 => Input::Hint(Hint { retry_after_ms: a, spread_ms: b }),
        15 => Input::SocketClosed(generation, b as u16),
        16 => Input::Page(page_event(a)?),
        17 => Input::Timeout,
        18 => Input::NotTransmitted(Generation(d), message(a, b, c, at)),
        _ => return None,
    })
}

fn message(id: u32, bytes: u32, key: u32, at: f64) -> Message {
    let expires_at = (!at.is_nan()).then_some(Millis(at as u64));
    Message { id: MessageId(id), bytes, key, expires_at }
}

fn token(url_length: u32, history: u32, lives_ms: f64) -> Token {
    let history = match history {
        0 => TokenHistory::New,
        1 => TokenHistory::Accepted,
        _ => TokenHistory::Refused,
    };
    Token { lives_ms: (!lives_ms.is_nan()).then_some(lives_ms as u32), history, url_length }
}

const fn page_event(number: u32) -> Option<PageEvent> {
    Some(match number {
        0 => PageEvent::Online,
        1 => PageEvent::Offline,
        2 => PageEvent::Visible,
        3 => PageEvent::Hidden,
        4 => PageEvent::Resumed,
        5 => PageEvent::Stored,
        6 => PageEvent::Shown,
        _ => return None,
    })
}

impl Core {
    fn put(&mut self, effect: Effect) {
        match effect {
            Effect::RequestToken { generation, is_refresh } => {
                self.words(0, generation.0, u32::from(is_refresh));
            }
            Effect::OpenSocket(generation) => self.words(1, generation.0, 0),
            Effect::CloseSocket(generation, code) => self.words(2, generation.0, u32::from(code)),
            Effect::Greet(generation) => self.words(3, generation.0, 0),
            Effect::Probe(generation) => self.words(4, generation.0, 0),
            Effect::Transmit(generation, message) => self.words(5, generation.0, message.id.0),
            Effect::Quarantine(id) => self.words(6, id.0, 0),
            Effect::Refuse(id, problem) => {
                self.words(7, id.0, 0);
                self.problem(problem);
            }
            Effect::Report(problem) => {
                self.words(8, 0, 0);
                self.problem(problem);
            }
            Effect::Settle(Ok(())) => self.words(9, 0, 0),
            Effect::Settle(Err(problem)) => {
                self.words(10, 0, 0);
                self.problem(problem);
            }
            Effect::Announce(snapshot) => self.snapshot(snapshot),
        }
    }

    #[inline(never)]
    fn words(&mut self, number: u32, a: u32, b: u32) {
        self.words.extend_from_slice(&[number, a, b]);
    }

    fn snapshot(&mut self, snapshot: Snapshot) {
        self.words(11, status(snapshot.state), snapshot.generation.0);
        self.words(snapshot.attempt, snapshot.retry_in_ms.unwrap_or(NONE), snapshot.gap_ms.unwrap_or(NONE));
        self.words(snapshot.ceiling_ms, u32::from(snapshot.why.close_code().unwrap_or(0)), 0);
        self.text(snapshot.why.code());
        self.text(snapshot.why.explain());
    }

    fn problem(&mut self, problem: Problem) {
        self.text(problem.code());
        self.text(problem.explain());
        self.text(match problem {
            Problem::HandshakeFailed(diagnosis) => diagnosis.code(),
            _ => "",
        });
    }

    /// Where a text is in the module's memory, and how long. All of them are ASCII.
    #[inline(never)]
    fn text(&mut self, text: &'static str) {
        self.words.extend_from_slice(&[text.as_ptr() as u32, text.len() as u32]);
    }
}

/// The place of a state's name in the list of pkg/src/state.ts.
const fn status(state: State) -> u32 {
    match state {
        State::Closed => 0,
        State::Suspended => 1,
        State::FetchingToken { .. } => 2,
        State::Connecting { .. } => 3,
        State::Open(_) => 4,
        State::Waiting { .. } => 5,
    }
}
