//! What the npm package's TypeScript sees of the machine: three functions of numbers.
//!
//! The module imports nothing: no clock, no randomness, no browser. It cannot do anything but
//! say what is to be done, and pkg/src/driver.ts does it. No generated glue stands in between,
//! which would be a third of the download, and no closure, string or handle crosses; a message
//! that arrives does not cross at all. Texts do not either: a problem and a reason are numbers
//! here, and pkg/src/texts.ts has their names and words, which a test holds to those of the crate.
//!
//! What an input leads to is written where JavaScript reads it: a [`Report`], and the effects as
//! words of 32 bits: what to do, then what with. Numbers of inputs and effects, and the order of
//! the words, are those of pkg/src/machine.ts.

// Exported names are unsafe to the compiler, since two of them could clash.
#![allow(unsafe_code)]

use alloc::vec::Vec;
use core::cell::UnsafeCell;

use crate::{
    Config, Connection, Effect, Generation, Hint, Input, Message, MessageId, Millis, PageEvent, Snapshot,
    State, Token, TokenHistory,
};

/// A panic is a bug, and ends this client only: the trap reaches pkg/src/client.ts, which puts
/// another in its place.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// A word that stands for nothing.
const NONE: u32 = u32::MAX;

/// One client's machine. Each client has an instance of the module, so one is enough.
struct Core {
    connection: Connection,
    report: Report,
    words: Vec<u32>,
}

/// What there is to know after an input.
#[repr(C)]
pub struct Report {
    /// When the next `Timeout` is due; not a number if never.
    deadline: f64,
    /// The effects, and how many words they are.
    words: *const u32,
    count: u32,
    /// How many messages wait for a socket.
    queued: u32,
    /// See [`Connection::wants_news`].
    wants_news: u32,
    /// See [`Connection::awaited_tokens`]; 0 in place of none.
    awaited_tokens: [u32; 2],
}

struct Instance(UnsafeCell<Core>);

// SAFETY: the module is built without threads, and one thread runs each instance.
unsafe impl Sync for Instance {}

static INSTANCE: Instance = Instance(UnsafeCell::new(Core {
    connection: Connection::new(Config::UNSET, 0),
    report: Report {
        deadline: f64::NAN,
        words: core::ptr::null(),
        count: 0,
        queued: 0,
        wants_news: 0,
        awaited_tokens: [0; 2],
    },
    words: Vec::new(),
}));

/// The machine, for one exported function at a time.
const fn machine() -> &'static mut Core {
    // SAFETY: nothing is imported, so that no exported function is called while another one runs; and none of them
    // calls this twice.
    unsafe { &mut *INSTANCE.0.get() }
}

/// Where the machine's configuration is to be written, before [`start`]: the knobs in a row, then
/// the ranges of final close codes, each as `to << 16 | from`.
#[unsafe(no_mangle)]
pub extern "C" fn knobs() -> *mut Config {
    machine().connection.config_mut()
}

/// Gives the machine its seed, before anything else. It comes in halves, since JavaScript has no
/// whole number of 64 bits that is cheap.
#[unsafe(no_mangle)]
pub extern "C" fn start(seed_low: u32, seed_high: u32) {
    let seed = u64::from(seed_high) << 32 | u64::from(seed_low);
    machine().connection.start(seed);
}

/// Takes an input: its number, and up to four words and a moment that belong to it. Gives the
/// report.
#[unsafe(no_mangle)]
pub extern "C" fn handle(now: f64, number: u32, a: u32, b: u32, c: u32, d: u32, at: f64) -> *const Report {
    let core = machine();
    core.words.clear();
    if let Some(input) = input(number, a, b, c, d, at) {
        let effects = core.connection.handle(Millis::new(now as u64), input);
        for effect in effects.as_slice() {
            core.put(*effect);
        }
    }
    core.report()
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
        13 => Input::Received { generation, at: Millis::new(at as u64), is_answer: b != 0 },
        14 => Input::Hint(Hint { retry_after_ms: a, spread_ms: b }),
        15 => Input::SocketClosed(generation, b as u16),
        16 => Input::Page(page_event(a)?),
        17 => Input::Timeout,
        18 => Input::NotTransmitted(Generation(d), message(a, b, c, at)),
        _ => return None,
    })
}

fn message(id: u32, bytes: u32, key: u32, at: f64) -> Message {
    let expires_at = (!at.is_nan()).then_some(Millis::new(at as u64));
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
    fn report(&mut self) -> *const Report {
        let Self { connection, words, report, .. } = self;
        *report = Report {
            deadline: connection.deadline().map_or(f64::NAN, |at| at.get() as f64),
            words: words.as_ptr(),
            count: words.len() as u32,
            queued: connection.outbox().messages().len() as u32,
            wants_news: u32::from(connection.wants_news()),
            awaited_tokens: connection.awaited_tokens().map(|awaited| awaited.unwrap_or_default().0),
        };
        report
    }

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
            Effect::Refuse(id, problem) => self.words(7, id.0, problem.number()),
            Effect::Report(problem) => self.words(8, problem.number(), 0),
            Effect::Settle(Ok(())) => self.words(9, 0, 0),
            Effect::Settle(Err(problem)) => self.words(10, problem.number(), 0),
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
        let close_code = snapshot.why.close_code().unwrap_or(0);
        self.words(snapshot.ceiling_ms, u32::from(close_code), snapshot.why.number());
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
