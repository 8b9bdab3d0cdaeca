//! The browser around the machine: runs [`Effect`]s on one socket and one timer.
//!
//! A [`Driver`] holds a [`Connection`] and hands it every event of the browser as an
//! [`Input`]. Two rules keep it safe to be called back from anywhere, also from inside an event
//! that it is just dispatching:
//!
//! - Effects are queued, and one loop runs them, never with anything borrowed. A call that comes
//!   in meanwhile only appends to the queue, so listeners see settled states, in order.
//! - Closures hold the driver weakly, and belong to the socket or the timer that they serve:
//!   dropping the driver closes the socket, clears the timer and frees the closures.

#[cfg(feature = "npm")]
mod npm;
mod socket;
mod timer;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use self::socket::Socket;
use self::timer::Timer;
use crate::{
    Config, Connection, Effect, Generation, Input, MessageId, Millis, Problem, Snapshot, State, endpoint,
};

/// Whoever uses a [`Driver`]: it fetches tokens and hears of everything that happens.
///
/// Every method but [`settle`](Self::settle) may call the driver back.
pub trait Host {
    /// Get a fresh token, then call [`Driver::token_ready`] or [`Driver::token_failed`] with the
    /// same generation.
    fn request_token(&self, generation: Generation);
    /// A message has arrived, parsed.
    fn message(&self, message: JsValue);
    /// The state has changed.
    fn announce(&self, snapshot: Snapshot);
    /// Something went wrong; `data` is the frame that could not be understood, if it was one.
    fn report(&self, problem: Problem, data: JsValue);
    /// The wait for `open` is over. Called at once, before effects that are still queued.
    fn settle(&self, outcome: Result<(), Problem>);
    /// A message was handed to an open socket.
    fn transmitted(&self, message: MessageId);
    /// A message will not be sent.
    fn refused(&self, message: MessageId, problem: Problem);
}

/// A connection that lives in the browser.
#[must_use = "dropping the driver closes its socket"]
pub struct Driver(Rc<Inner>);

struct Inner {
    host: Box<dyn Host>,
    url: String,
    token_param: String,
    connection: RefCell<Connection>,
    effects: RefCell<VecDeque<Effect>>,
    running: Cell<bool>,
    socket: RefCell<Option<Rc<Socket>>>,
    timer: Timer,
    /// The token that came last, until its socket is constructed. It is kept out of the machine,
    /// whose state may be looked at and logged.
    token: RefCell<Option<String>>,
    /// The text of the messages that the machine knows by number.
    texts: RefCell<Vec<(MessageId, JsString)>>,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    // js_sys's own takes a &str, which would copy every message into wasm memory.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_json(text: &JsValue) -> Result<JsValue, JsValue>;
}

impl Driver {
    /// A closed connection to `url`, with the token in the query parameter `token_param`.
    pub fn new(host: Box<dyn Host>, url: String, token_param: String, config: Config) -> Self {
        let connection = Connection::new(config, (js_sys::Math::random() * u64::MAX as f64) as u64);
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| Inner {
            host,
            url,
            token_param,
            connection: RefCell::new(connection),
            effects: RefCell::default(),
            running: Cell::new(false),
            socket: RefCell::default(),
            timer: Timer::new({
                let inner = inner.clone();
                move || {
                    if let Some(inner) = inner.upgrade() {
                        inner.timer.fired();
                        inner.handle(Input::Timeout);
                    }
                }
            }),
            token: RefCell::default(),
            texts: RefCell::default(),
        }))
    }

    /// Wants to be connected. [`Host::settle`] says when, unless it is already being waited for.
    pub fn open(&self) {
        self.0.handle(Input::Open);
    }

    /// Wants to be closed. The socket is closed when this returns or, if this is called from inside
    /// an event, when what the app asked for before it has been done.
    pub fn close(&self) {
        self.0.handle(Input::Close);
    }

    /// Wants a new socket now.
    pub fn reconnect(&self) {
        self.0.handle(Input::Reconnect);
    }

    /// Sends `text` as a message. [`Host::transmitted`] or [`Host::refused`] says what became of
    /// it. Later messages have greater numbers.
    pub fn send(&self, message: MessageId, text: JsString) {
        self.0.texts.borrow_mut().push((message, text));
        self.0.handle(Input::Send(message));
    }

    /// Answers [`Host::request_token`]: `None` connects without a token.
    pub fn token_ready(&self, generation: Generation, token: Option<String>) {
        // A token that comes too late is not kept, nor put in the place of a newer one.
        if self.0.connection.borrow().awaits_token(generation) {
            self.0.token.replace(token);
        }
        self.0.handle(Input::TokenReady(generation));
    }

    /// Answers [`Host::request_token`]: there will be no token.
    pub fn token_failed(&self, generation: Generation) {
        self.0.handle(Input::TokenFailed(generation));
    }

    /// Where the connection stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.connection.borrow().state()
    }
}

impl Inner {
    fn handle(self: &Rc<Self>, input: Input) {
        let now = now();
        let effects = self.connection.borrow_mut().handle(now, input);
        for effect in effects {
            match effect {
                Effect::Settle(outcome) => self.host.settle(outcome),
                effect => self.effects.borrow_mut().push_back(effect),
            }
        }
        if self.running.replace(true) {
            return;
        }
        while let Some(effect) = self.next_effect() {
            self.run(effect);
        }
        self.running.set(false);
        let deadline = self.connection.borrow().deadline();
        self.timer.arm(deadline, now);
    }

    /// A function of its own, so that the queue is not borrowed while the effect runs.
    fn next_effect(&self) -> Option<Effect> {
        self.effects.borrow_mut().pop_front()
    }

    fn run(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::RequestToken(generation) => self.host.request_token(generation),
            Effect::OpenSocket(generation) => self.open_socket(generation),
            Effect::CloseSocket(generation, code) => self.close_socket(generation, code),
            Effect::Transmit(generation, message) => self.transmit(generation, message),
            Effect::Refuse(message, problem) => {
                self.take_text(message);
                self.host.refused(message, problem);
            }
            Effect::Announce(snapshot) => self.host.announce(snapshot),
            Effect::Report(problem) => self.host.report(problem, JsValue::UNDEFINED),
            // Never queued: see `handle`.
            Effect::Settle(outcome) => self.host.settle(outcome),
        }
    }

    fn open_socket(self: &Rc<Self>, generation: Generation) {
        let url = match self.token.take() {
            Some(token) => endpoint::with_token(&self.url, &self.token_param, &token),
            None => endpoint::without_fragment(&self.url).to_owned(),
        };
        match Socket::open(&url, generation, Rc::downgrade(self)) {
            Ok(socket) => drop(self.socket.replace(Some(Rc::new(socket)))),
            Err(_) => self.handle(Input::SocketRefused(generation)),
        }
    }

    fn close_socket(&self, generation: Generation, code: u16) {
        if let Some(socket) = self.take_socket(generation) {
            socket.close(code);
        }
    }

    fn take_socket(&self, generation: Generation) -> Option<Rc<Socket>> {
        self.socket.borrow_mut().take_if(|socket| socket.generation() == generation)
    }

    fn transmit(self: &Rc<Self>, generation: Generation, message: MessageId) {
        let Some(text) = self.take_text(message) else { return };
        let socket = self.socket.borrow().clone().filter(|socket| socket.generation() == generation);
        if socket.is_some_and(|socket| socket.send(&text)) {
            self.host.transmitted(message);
        } else {
            self.texts.borrow_mut().push((message, text));
            self.handle(Input::NotTransmitted(generation, message));
        }
    }

    fn take_text(&self, message: MessageId) -> Option<JsString> {
        let mut texts = self.texts.borrow_mut();
        let place = texts.iter().position(|(id, _)| *id == message)?;
        Some(texts.remove(place).1)
    }

    // What the socket's closures call -------------------------------------------------------

    fn socket_opened(self: &Rc<Self>, generation: Generation) {
        self.handle(Input::SocketOpened(generation));
    }

    fn socket_closed(self: &Rc<Self>, generation: Generation, code: u16) {
        // Its handlers are no longer needed, and a closed socket must not be taken for an open one.
        drop(self.take_socket(generation));
        self.handle(Input::SocketClosed(generation, code));
    }

    fn frame_received(&self, data: JsValue) {
        if !data.is_string() {
            self.host.report(Problem::NotText, data);
        } else if !data.is_falsy() {
            // An empty frame is no message: some servers send it as a sign of life.
            match parse_json(&data) {
                Ok(message) => self.host.message(message),
                Err(_) => self.host.report(Problem::NotJson, data),
            }
        }
    }
}

/// The monotonic clock: the wall clock may be set back, and then a retry would never come.
fn now() -> Millis {
    Millis(performance_now() as u64)
}
