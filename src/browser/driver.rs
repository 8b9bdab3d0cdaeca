//! The browser around the machine: runs [`Effect`]s on sockets, a timer and an app.
//!
//! Three rules keep it safe to be called back from anywhere:
//!
//! - What concerns sockets is done at once and calls nobody back. What calls the app waits in a
//!   queue, and one loop runs that, with nothing borrowed: a call that comes in meanwhile only
//!   appends to it, so that the app sees settled states, in order.
//! - An input that an effect causes is handled after all effects of the one before it have begun.
//! - Closures hold the driver weakly, and belong to the socket, the timer or the listener that
//!   they serve: dropping the driver closes its sockets, clears its timer and frees the closures.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::Future;
use core::pin::Pin;

use futures_channel::oneshot;
use wasm_bindgen::JsValue;

use super::builder::TokenRequest;
use super::clock::Clock;
use super::errors::{Invalid, Loss, RequestError, SendError, TokenError};
use super::frame::{Arrival, Frame, action_of, hint_in};
use super::page::{self, PageListener};
use super::requests::Requests;
use super::socket::Socket;
use super::streams::{Outlet, Report};
use super::task::Task;
use super::timer::{Timer, after};
use super::token::{self, Tokens};
use crate::{
    Config, Connection, Effect, Generation, Hint, Input, Message, MessageId, Problem, Snapshot, State, Token,
    TokenHistory, Why, backoff, endpoint,
};

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;
type TokenFunction = dyn Fn(TokenRequest) -> LocalFuture<Result<String, TokenError>>;
type GreetingFunction = dyn Fn() -> LocalFuture<Option<String>>;
type HeartbeatFunction = dyn Fn(&str) -> Result<String, Invalid>;

/// What an app has said of the client that it wants.
pub(super) struct Setup {
    pub(super) url: String,
    pub(super) token_param: String,
    pub(super) token: Option<Box<TokenFunction>>,
    pub(super) greeting: Option<Box<GreetingFunction>>,
    pub(super) heartbeat: Box<HeartbeatFunction>,
    pub(super) config: Config,
    pub(super) message_bound: usize,
    pub(super) high_water_bytes: u32,
}

/// How many marks of messages are remembered: for so many, a second coming is noticed.
const REMEMBERED: usize = 256;

/// What the identifiers of heartbeats begin with. See PROTOCOL.md.
const HEARTBEAT: &str = "everwire-heartbeat-";

/// A connection that lives in the browser.
pub(super) struct Driver {
    pub(super) setup: Setup,
    pub(super) clock: Clock,
    pub(super) connection: RefCell<Connection>,
    inbox: RefCell<VecDeque<Input>>,
    is_feeding: Cell<bool>,
    queue: RefCell<VecDeque<Effect>>,
    is_running: Cell<bool>,
    /// One or, during a hand-over, two.
    sockets: RefCell<Vec<Rc<Socket>>>,
    timer: Timer,
    tokens: RefCell<Tokens>,
    /// Calls of the token function that go on.
    asked: RefCell<Vec<(Generation, Task)>>,
    openings: RefCell<Vec<oneshot::Sender<Result<(), Problem>>>>,
    outgoing: RefCell<BTreeMap<MessageId, Outgoing>>,
    requests: Requests,
    last_id: Cell<u32>,
    /// What the identifiers of this client's requests and heartbeats begin with.
    name: String,
    marks: RefCell<VecDeque<String>>,
    snapshot: Cell<Snapshot>,
    pub(super) messages: Outlet<JsValue>,
    pub(super) states: Outlet<Snapshot>,
    pub(super) reports: Outlet<Report>,
    _page: PageListener,
}

/// A message that has not been handed to a socket.
struct Outgoing {
    text: String,
    /// `None` for a request, whose sender waits for the reply.
    sender: Option<oneshot::Sender<Result<(), SendError>>>,
}

impl Driver {
    pub(super) fn new(setup: Setup) -> Rc<Self> {
        let connection = Connection::new(setup.config, random_bits());
        let ceiling_ms = backoff::ceiling_ms(&setup.config, 1, true);
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| Self {
            setup,
            clock: Clock::start(),
            connection: RefCell::new(connection),
            inbox: RefCell::default(),
            is_feeding: Cell::default(),
            queue: RefCell::default(),
            is_running: Cell::default(),
            sockets: RefCell::default(),
            timer: Timer::default(),
            tokens: RefCell::default(),
            asked: RefCell::default(),
            openings: RefCell::default(),
            outgoing: RefCell::default(),
            requests: Requests::default(),
            last_id: Cell::default(),
            name: format!("{:x}", random_bits()),
            marks: RefCell::default(),
            snapshot: Cell::new(Snapshot {
                state: State::Closed,
                generation: Generation::default(),
                attempt: 0,
                retry_in_ms: None,
                ceiling_ms,
                gap_ms: None,
                why: Why::Closed,
            }),
            messages: Outlet::default(),
            states: Outlet::default(),
            reports: Outlet::default(),
            _page: PageListener::listen({
                let driver = driver.clone();
                move |event| {
                    if let Some(driver) = driver.upgrade() {
                        driver.handle(Input::Page(event));
                    }
                }
            }),
        });
        for event in page::present() {
            driver.handle(Input::Page(event));
        }
        driver
    }

    // What the app calls --------------------------------------------------------------------

    pub(super) fn open(self: &Rc<Self>) -> oneshot::Receiver<Result<(), Problem>> {
        let (settle, settled) = oneshot::channel();
        self.openings.borrow_mut().push(settle);
        self.handle(Input::Open);
        settled
    }

    /// Sends `text`; `message` says the rest of it.
    pub(super) fn send(
        self: &Rc<Self>,
        message: Message,
        text: String,
    ) -> oneshot::Receiver<Result<(), SendError>> {
        let (settle, settled) = oneshot::channel();
        self.outgoing.borrow_mut().insert(message.id, Outgoing { text, sender: Some(settle) });
        self.handle(Input::Send(message));
        settled
    }

    /// Sends `text`, which holds [`request_name`](Self::request_name) as its `id`.
    pub(super) fn request(
        self: &Rc<Self>,
        message: Message,
        text: String,
        timeout_ms: u32,
    ) -> oneshot::Receiver<Result<JsValue, RequestError>> {
        let (settle, settled) = oneshot::channel();
        let driver = Rc::downgrade(self);
        let timeout = after(timeout_ms, move || {
            if let Some(driver) = driver.upgrade() {
                driver.request_timed_out(message.id);
            }
        });
        self.requests.add(message.id, settle, timeout);
        self.outgoing.borrow_mut().insert(message.id, Outgoing { text, sender: None });
        self.handle(Input::Send(message));
        settled
    }

    /// A number that is greater than all before it.
    pub(super) fn next_id(&self) -> MessageId {
        self.last_id.set(self.last_id.get().wrapping_add(1));
        MessageId(self.last_id.get())
    }

    /// The `id` by which a request and its reply find each other. Nobody else's is the same.
    pub(super) fn request_name(&self, id: MessageId) -> String {
        format!("{}-{}", self.name, id.0)
    }

    /// As it was announced last.
    pub(super) const fn snapshot(&self) -> Snapshot {
        self.snapshot.get()
    }

    /// Bytes that sockets have been given and have not sent yet.
    pub(super) fn buffered_bytes(&self) -> u64 {
        self.sockets.borrow().iter().map(|socket| u64::from(socket.buffered_bytes())).sum()
    }

    // Inputs --------------------------------------------------------------------------------

    pub(super) fn handle(self: &Rc<Self>, input: Input) {
        self.catch_up();
        self.inbox.borrow_mut().push_back(input);
        self.work();
    }

    /// Tells the machine of frames that it has not heard of: before anything else, since they came
    /// before.
    fn catch_up(&self) {
        for socket in self.sockets.borrow().iter() {
            if let Some((at, is_answer)) = socket.take_news() {
                let generation = socket.generation();
                self.inbox.borrow_mut().push_back(Input::Received { generation, at, is_answer });
            }
        }
    }

    fn work(self: &Rc<Self>) {
        self.feed();
        if self.is_running.replace(true) {
            return;
        }
        while let Some(effect) = self.next_effect() {
            self.run(effect);
        }
        self.is_running.set(false);
        self.end_stale_calls();
        let deadline = self.connection.borrow().deadline();
        let driver = Rc::downgrade(self);
        self.timer.arm(deadline, self.clock.now(), move || {
            if let Some(driver) = driver.upgrade() {
                driver.timer.fired();
                driver.handle(Input::Timeout);
            }
        });
    }

    fn feed(self: &Rc<Self>) {
        if self.is_feeding.replace(true) {
            return;
        }
        while let Some(input) = self.next_input() {
            let effects = self.connection.borrow_mut().handle(self.clock.now(), input);
            for effect in effects {
                self.begin(effect);
            }
        }
        self.is_feeding.set(false);
    }

    // Functions of their own, so that nothing is borrowed while the input or the effect has its turn.

    fn next_input(&self) -> Option<Input> {
        self.inbox.borrow_mut().pop_front()
    }

    fn next_effect(&self) -> Option<Effect> {
        self.queue.borrow_mut().pop_front()
    }

    /// The token function need not go on for an attempt that is over.
    fn end_stale_calls(&self) {
        let connection = self.connection.borrow();
        self.asked.borrow_mut().retain(|(generation, _)| connection.awaits_token(*generation));
    }

    // Effects -------------------------------------------------------------------------------

    /// Does at once what calls nobody back, and queues the rest.
    fn begin(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::OpenSocket(generation) => self.open_socket(generation),
            Effect::CloseSocket(generation, code) => {
                if let Some(socket) = self.take_socket(generation) {
                    socket.close(code);
                }
                self.tokens.borrow_mut().forget(generation);
                self.requests.lose(generation);
            }
            Effect::Probe(generation) => self.probe(generation),
            Effect::Transmit(generation, message) => self.transmit(generation, message),
            Effect::Settle(outcome) => {
                for opening in self.openings.take() {
                    // Fails if nobody waits any more.
                    let _ = opening.send(outcome);
                }
            }
            Effect::RequestToken { .. }
            | Effect::Greet(_)
            | Effect::Refuse(..)
            | Effect::Quarantine(_)
            | Effect::Announce(_)
            | Effect::Report(_) => self.queue.borrow_mut().push_back(effect),
        }
    }

    fn run(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::RequestToken { generation, is_refresh } => self.request_token(generation, is_refresh),
            Effect::Greet(generation) => self.greet(generation),
            Effect::Refuse(id, problem) => self.refuse(id, problem),
            Effect::Quarantine(id) => self.reports.put(&Report::TooBig(id)),
            Effect::Announce(snapshot) => {
                self.snapshot.set(snapshot);
                self.states.put(&snapshot);
            }
            Effect::Report(problem) => self.reports.put(&Report::Problem(problem)),
            // Never queued.
            Effect::OpenSocket(_)
            | Effect::CloseSocket(..)
            | Effect::Probe(_)
            | Effect::Transmit(..)
            | Effect::Settle(_) => self.begin(effect),
        }
    }

    fn open_socket(self: &Rc<Self>, generation: Generation) {
        let url = self.url_with(self.tokens.borrow().of(generation));
        match Socket::open(&url, generation, &Rc::downgrade(self)) {
            Ok(socket) => self.sockets.borrow_mut().push(Rc::new(socket)),
            Err(_) => self.inbox.borrow_mut().push_back(Input::SocketRefused(generation)),
        }
    }

    fn url_with(&self, token: Option<&str>) -> String {
        match token {
            Some(token) => endpoint::with_token(&self.setup.url, &self.setup.token_param, token),
            None => endpoint::without_fragment(&self.setup.url).to_owned(),
        }
    }

    fn probe(&self, generation: Generation) {
        if let Ok(text) = (self.setup.heartbeat)(&format!("{HEARTBEAT}{}", self.name))
            && let Some(socket) = self.socket(generation)
        {
            // A heartbeat that the socket does not take is one without an answer.
            let _ = socket.send(&text, u32::MAX);
        }
    }

    fn transmit(&self, generation: Generation, message: Message) {
        let Some(socket) = self.socket(generation) else {
            self.inbox.borrow_mut().push_back(Input::NotTransmitted(generation, message));
            return;
        };
        let is_taken = (self.outgoing.borrow().get(&message.id))
            .is_some_and(|outgoing| socket.send(&outgoing.text, self.setup.high_water_bytes));
        if !is_taken {
            self.inbox.borrow_mut().push_back(Input::NotTransmitted(generation, message));
            return;
        }
        self.requests.sent(message.id, generation);
        let outgoing = self.outgoing.borrow_mut().remove(&message.id);
        settle(outgoing, Ok(()));
    }

    fn refuse(&self, id: MessageId, problem: Problem) {
        let outgoing = self.outgoing.borrow_mut().remove(&id);
        settle(outgoing, Err(SendError::Refused(problem)));
        self.requests.settle(id, Err(RequestError::Refused(problem)));
    }

    fn request_timed_out(self: &Rc<Self>, id: MessageId) {
        if self.requests.is_sent(id) {
            self.requests.settle(id, Err(RequestError::Unknown(Loss::TimedOut)));
        } else {
            self.requests.settle(id, Err(RequestError::Refused(Problem::Expired)));
            self.handle(Input::Cancel(id));
        }
    }

    // What the app is asked for -------------------------------------------------------------

    fn request_token(self: &Rc<Self>, generation: Generation, is_refresh: bool) {
        // Something that ran before this may have ended the attempt.
        if !self.connection.borrow().awaits_token(generation) {
            return;
        }
        let Some(function) = &self.setup.token else {
            self.token_came(generation, None);
            return;
        };
        let future = function(TokenRequest { is_refresh });
        let driver = Rc::downgrade(self);
        let call = Task::spawn(async move {
            let outcome = future.await;
            let Some(driver) = driver.upgrade() else { return };
            match outcome {
                Ok(token) => driver.token_came(generation, Some(token)),
                Err(TokenError::Failed) => driver.handle(Input::TokenFailed(generation)),
                Err(TokenError::Unauthorized) => driver.handle(Input::TokenDenied(generation)),
            }
        });
        self.asked.borrow_mut().push((generation, call));
    }

    fn token_came(self: &Rc<Self>, generation: Generation, token: Option<String>) {
        // A token that comes too late is not kept.
        if !self.connection.borrow().awaits_token(generation) {
            return;
        }
        let url_length = self.url_with(token.as_deref()).chars().count();
        let known = Token {
            lives_ms: token.as_deref().and_then(token::lives_ms),
            history: token.as_deref().map_or(TokenHistory::New, |token| self.tokens.borrow().history(token)),
            url_length: u32::try_from(url_length).unwrap_or(u32::MAX),
        };
        if let Some(token) = token {
            self.tokens.borrow_mut().keep(generation, token);
        }
        self.handle(Input::TokenReady(generation, known));
    }

    fn greet(self: &Rc<Self>, generation: Generation) {
        let (Some(socket), Some(function)) = (self.socket(generation), &self.setup.greeting) else { return };
        let future = function();
        let driver = Rc::downgrade(self);
        let call = Task::spawn(async move {
            let text = future.await;
            let Some(driver) = driver.upgrade() else { return };
            let socket = driver.socket(generation);
            let is_taken = text.is_some_and(|text| socket.is_some_and(|socket| socket.send(&text, u32::MAX)));
            driver.handle(if is_taken {
                Input::Greeted(generation)
            } else {
                Input::GreetingFailed(generation)
            });
        });
        socket.greeting.replace(Some(call));
    }

    // What the sockets' closures call -------------------------------------------------------

    pub(super) fn socket_opened(self: &Rc<Self>, generation: Generation) {
        self.tokens.borrow_mut().settle(generation, true);
        self.handle(Input::SocketOpened(generation));
    }

    pub(super) fn socket_closed(self: &Rc<Self>, generation: Generation, code: u16, reason: &str) {
        self.catch_up();
        if let Some(hint) = hint_in(reason) {
            self.handle_hint(generation, hint);
        }
        // Its closures are no longer needed, and a closed socket must not be taken for an open one.
        drop(self.take_socket(generation));
        self.tokens.borrow_mut().settle(generation, false);
        self.requests.lose(generation);
        self.handle(Input::SocketClosed(generation, code));
    }

    pub(super) fn frame_received(self: &Rc<Self>, generation: Generation, data: JsValue) {
        let Some(socket) = self.socket(generation) else { return };
        let at = self.clock.now();
        let frame = Frame::read(data);
        let is_answer = match &frame {
            Frame::Message(arrival) => self.is_heartbeat(arrival),
            // An error frame names no message. It counts as the answer to a heartbeat that has none yet:
            // the server is there, and a route that is missing is no reason to ask it in vain.
            Frame::Error(_) => self.connection.borrow().wants_news(),
            Frame::Empty | Frame::Binary(_) | Frame::NotJson(_) => false,
        };
        socket.heard(at, is_answer);
        match frame {
            Frame::Empty => {}
            Frame::Binary(data) => self.reports.put(&Report::Binary(data)),
            Frame::NotJson(data) => self.reports.put(&Report::NotJson(data)),
            Frame::Error(error) => self.reports.put(&Report::ServiceError(error)),
            Frame::Message(arrival) => self.arrived(generation, arrival, is_answer),
        }
        if is_answer || self.connection.borrow().wants_news() {
            self.catch_up();
            self.work();
        }
    }

    /// A hint is about the connection that it comes on; one that is being replaced has no more to say.
    fn handle_hint(self: &Rc<Self>, generation: Generation, hint: Hint) {
        let is_current = self.connection.borrow().generation() == generation;
        if is_current {
            self.handle(Input::Hint(hint));
        }
    }

    fn arrived(self: &Rc<Self>, generation: Generation, arrival: Arrival, is_answer: bool) {
        if let Some(hint) = arrival.hint {
            self.handle_hint(generation, hint);
        }
        let is_repeated = arrival.mark.is_some_and(|mark| self.is_known(mark));
        if is_repeated || is_answer || arrival.is_for_client {
            return;
        }
        let request = arrival.answers.as_deref().and_then(|id| self.request_named(id));
        if request.is_some_and(|id| self.requests.settle(id, Ok(arrival.message.clone()))) {
            return;
        }
        self.messages.put_for(&arrival.message, action_of(&arrival.message).as_deref());
    }

    fn is_heartbeat(&self, arrival: &Arrival) -> bool {
        let own = arrival.answers.as_deref().and_then(|id| id.strip_prefix(HEARTBEAT));
        own == Some(self.name.as_str())
    }

    fn request_named(&self, id: &str) -> Option<MessageId> {
        self.own_part(id)?.parse().ok().map(MessageId)
    }

    /// What follows this client's name in an identifier that it has made.
    fn own_part<'a>(&self, id: &'a str) -> Option<&'a str> {
        id.strip_prefix(self.name.as_str())?.strip_prefix('-')
    }

    /// Whether a message with this mark has come before. From now on it has.
    fn is_known(&self, mark: String) -> bool {
        let mut marks = self.marks.borrow_mut();
        if marks.contains(&mark) {
            return true;
        }
        if marks.len() >= REMEMBERED {
            marks.pop_front();
        }
        marks.push_back(mark);
        false
    }

    fn socket(&self, generation: Generation) -> Option<Rc<Socket>> {
        self.sockets.borrow().iter().find(|socket| socket.generation() == generation).cloned()
    }

    fn take_socket(&self, generation: Generation) -> Option<Rc<Socket>> {
        let mut sockets = self.sockets.borrow_mut();
        let place = sockets.iter().position(|socket| socket.generation() == generation)?;
        Some(sockets.remove(place))
    }
}

/// Tells the sender of a message what became of it, if it still wants to know.
fn settle(outgoing: Option<Outgoing>, fate: Result<(), SendError>) {
    if let Some(sender) = outgoing.and_then(|outgoing| outgoing.sender) {
        let _ = sender.send(fate);
    }
}

/// As many as a float has. Not for secrets.
fn random_bits() -> u64 {
    (js_sys::Math::random() * (1u64 << 53) as f64) as u64
}
