//! The whole machine: what can happen ([`Input`]), what there is to do ([`Effect`]), and
//! [`Connection`], which turns one into the other.
//!
//! The diagram is on the crate's front page. Each input has one method below, and each method
//! says for every state what happens; nothing is left to a wildcard.

use alloc::vec::Vec;

use crate::close::{self, Verdict};
use crate::{Config, MessageId, Outbox, Problem, Snapshot, Why, backoff};

/// A moment on a clock that never goes back, in milliseconds since an arbitrary start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u32) -> Self {
        Self(self.0.saturating_add(ms as u64))
    }

    /// How many milliseconds it is from this moment until `later`, 0 if that has passed.
    #[must_use]
    pub fn until(self, later: Self) -> u32 {
        u32::try_from(later.0.saturating_sub(self.0)).unwrap_or(u32::MAX)
    }
}

/// The number of an attempt: of its token request and of its socket. Whatever arrives with an
/// older number is out of date, however late it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is wanted and nothing is held: no socket, no token request, no deadline.
    Closed,
    /// The app's token function was called and has not settled.
    FetchingToken {
        /// When to stop waiting for it.
        give_up_at: Millis,
    },
    /// A socket was constructed and its handshake goes on.
    Connecting {
        /// When to stop waiting for it.
        give_up_at: Millis,
    },
    /// The socket is open.
    Open {
        /// When the socket has proven itself and past failures are forgotten; `None` afterwards.
        stable_at: Option<Millis>,
    },
    /// The last attempt or the last socket is over, and the next attempt has its time.
    Waiting {
        /// When to try again.
        retry_at: Millis,
    },
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The app wants to be connected. Does nothing if it is connected or being connected.
    Open,
    /// The app wants the connection closed, and to stay closed.
    Close,
    /// The app wants a new socket, now, whatever there is.
    Reconnect,
    /// The app sends a message.
    Send(MessageId),
    /// A message could not be handed to the socket of that generation, because it is closing.
    NotTransmitted(Generation, MessageId),
    /// The app's token function gave a token (or said that none is needed).
    TokenReady(Generation),
    /// The app's token function threw or rejected.
    TokenFailed(Generation),
    /// The browser would not construct the socket.
    SocketRefused(Generation),
    /// The handshake succeeded.
    SocketOpened(Generation),
    /// The socket closed, or its handshake failed; with the close code.
    SocketClosed(Generation, u16),
    /// [`Connection::deadline`] has come. Early, late or repeated, it does no harm.
    Timeout,
}

/// What is to be done, in order, after [`Connection::handle`] has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Call the app's token function; answer with `TokenReady` or `TokenFailed`.
    RequestToken(Generation),
    /// Construct a socket with the token that came; answer with `SocketOpened`, `SocketClosed` or
    /// `SocketRefused`.
    OpenSocket(Generation),
    /// Stop listening to that socket, then close it with this code. Nobody waits for its `close`.
    CloseSocket(Generation, u16),
    /// Hand the message to that socket.
    Transmit(Generation, MessageId),
    /// Forget the message and tell its sender why.
    Refuse(MessageId, Problem),
    /// Tell the app that the connection's state is now this.
    Announce(Snapshot),
    /// Tell the app of a problem.
    Report(Problem),
    /// Settle the app's wait for `open`: connected, or given up because of this. To be run before
    /// any other effect that is still to be run: an `open` that a listener calls meanwhile waits
    /// for something new.
    Settle(Result<(), Problem>),
}

/// The effects of one input, in the order in which to run them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(Vec<Effect>);

impl Effects {
    // Not inlined: `handle` pushes in some thirty places, and growing a list is code that the
    // browser has to download each time it is repeated.
    #[inline(never)]
    fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// The effects as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Effect] {
        &self.0
    }
}

impl IntoIterator for Effects {
    type Item = Effect;
    type IntoIter = alloc::vec::IntoIter<Effect>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A connection: outlives many sockets, has at most one.
///
/// Deterministic: the same configuration, seed and inputs at the same times give the same
/// effects, here, in a test and in a browser. Run the effects only after
/// [`handle`](Self::handle) has returned, so that whatever they call may call back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    config: Config,
    seed: u64,
    state: State,
    generation: Generation,
    /// Attempts and sockets lost since the connection last proved itself.
    failures: u32,
    /// Whether the app waits for `open` to settle.
    opening: bool,
    outbox: Outbox,
}

impl Connection {
    /// A closed connection. `seed` decides the jitter of its retries: give each client its own.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            seed,
            state: State::Closed,
            generation: Generation::default(),
            failures: 0,
            opening: false,
            outbox: Outbox::default(),
        }
    }

    /// Takes one input at the time `now` and gives what is to be done about it, in order.
    pub fn handle(&mut self, now: Millis, input: Input) -> Effects {
        let mut effects = Effects::default();
        let fx = &mut effects;
        match input {
            Input::Open => self.on_open(now, fx),
            Input::Close => self.on_close(now, fx),
            Input::Reconnect => self.on_reconnect(now, fx),
            Input::Send(message) => self.on_send(message, fx),
            Input::NotTransmitted(generation, message) => self.on_not_transmitted(generation, message, fx),
            Input::TokenReady(generation) => self.on_token_ready(now, generation, fx),
            Input::TokenFailed(generation) => self.on_token_failed(now, generation, fx),
            Input::SocketRefused(generation) => self.on_socket_refused(now, generation, fx),
            Input::SocketOpened(generation) => self.on_socket_opened(now, generation, fx),
            Input::SocketClosed(generation, code) => self.on_socket_closed(now, generation, code, fx),
            Input::Timeout => self.on_timeout(now, fx),
        }
        effects
    }

    /// When [`Input::Timeout`] is due, if ever: read off the state, kept nowhere else.
    #[must_use]
    pub const fn deadline(&self) -> Option<Millis> {
        match self.state {
            State::Closed => None,
            State::FetchingToken { give_up_at } | State::Connecting { give_up_at } => Some(give_up_at),
            State::Open { stable_at } => stable_at,
            State::Waiting { retry_at } => Some(retry_at),
        }
    }

    /// Where the connection stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The number of the present attempt, or of the last one.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether the token request of this generation is the one that is being waited for.
    #[must_use]
    pub fn awaits_token(&self, generation: Generation) -> bool {
        matches!(self.state, State::FetchingToken { .. }) && generation == self.generation
    }

    /// Whether the app waits for `open` to settle.
    #[must_use]
    pub const fn is_opening(&self) -> bool {
        self.opening
    }

    /// Messages waiting for a socket.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    // What each input does ------------------------------------------------------------------

    fn on_open(&mut self, now: Millis, fx: &mut Effects) {
        match self.state {
            State::Closed => {
                self.opening = true;
                self.failures = 0;
                self.begin_attempt(now, Why::Opened, fx);
            }
            State::FetchingToken { .. } | State::Connecting { .. } | State::Waiting { .. } => {
                self.opening = true;
            }
            State::Open { .. } => fx.push(Effect::Settle(Ok(()))),
        }
    }

    fn on_close(&mut self, now: Millis, fx: &mut Effects) {
        match self.state {
            State::Closed => {}
            State::FetchingToken { .. } | State::Waiting { .. } => {
                self.end(now, Why::Closed, Problem::Closed, fx);
            }
            State::Connecting { .. } | State::Open { .. } => {
                fx.push(Effect::CloseSocket(self.generation, close::NORMAL));
                self.end(now, Why::Closed, Problem::Closed, fx);
            }
        }
    }

    fn on_reconnect(&mut self, now: Millis, fx: &mut Effects) {
        match self.state {
            State::Closed => self.failures = 0,
            State::FetchingToken { .. } | State::Waiting { .. } => {}
            State::Connecting { .. } | State::Open { .. } => {
                fx.push(Effect::CloseSocket(self.generation, close::NORMAL));
            }
        }
        self.begin_attempt(now, Why::Reconnected, fx);
    }

    fn on_send(&mut self, message: MessageId, fx: &mut Effects) {
        match self.state {
            State::Closed => fx.push(Effect::Refuse(message, Problem::Closed)),
            State::Open { .. } => fx.push(Effect::Transmit(self.generation, message)),
            State::FetchingToken { .. } | State::Connecting { .. } | State::Waiting { .. } => {
                if !self.outbox.accept(message, self.config.max_queued_messages) {
                    fx.push(Effect::Refuse(message, Problem::OutboxFull));
                }
            }
        }
    }

    fn on_not_transmitted(&mut self, generation: Generation, message: MessageId, fx: &mut Effects) {
        match self.state {
            State::Closed => fx.push(Effect::Refuse(message, Problem::Closed)),
            // A newer socket has opened meanwhile.
            State::Open { .. } if generation != self.generation => {
                fx.push(Effect::Transmit(self.generation, message));
            }
            // The socket is closing; its `close` is on the way, and the next one takes the message.
            State::Open { .. }
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {
                if !self.outbox.take_back(message, self.config.max_queued_messages) {
                    fx.push(Effect::Refuse(message, Problem::OutboxFull));
                }
            }
        }
    }

    fn on_token_ready(&mut self, now: Millis, generation: Generation, fx: &mut Effects) {
        if self.awaits_token(generation) {
            let give_up_at = now.plus(self.config.handshake_timeout_ms);
            fx.push(Effect::OpenSocket(generation));
            self.enter(State::Connecting { give_up_at }, now, Why::TokenReady, fx);
        }
    }

    fn on_token_failed(&mut self, now: Millis, generation: Generation, fx: &mut Effects) {
        if self.awaits_token(generation) {
            self.fail(now, Problem::TokenFailed, fx);
        }
    }

    fn on_socket_refused(&mut self, now: Millis, generation: Generation, fx: &mut Effects) {
        match self.state {
            State::Connecting { .. } if generation == self.generation => {
                // The same URL would be refused again: waiting mends nothing.
                self.give_up(now, Why::Failed(Problem::SocketRefused), Problem::SocketRefused, fx);
            }
            State::Connecting { .. }
            | State::Closed
            | State::FetchingToken { .. }
            | State::Open { .. }
            | State::Waiting { .. } => {}
        }
    }

    fn on_socket_opened(&mut self, now: Millis, generation: Generation, fx: &mut Effects) {
        match self.state {
            State::Connecting { .. } if generation == self.generation => {
                let stable_at = Some(now.plus(self.config.stable_after_ms));
                self.enter(State::Open { stable_at }, now, Why::SocketOpened, fx);
                self.settle(Ok(()), fx);
                for message in self.outbox.drain() {
                    fx.push(Effect::Transmit(generation, message));
                }
            }
            State::Open { .. } if generation == self.generation => {}
            // A socket that nobody wants any more.
            State::Connecting { .. }
            | State::Closed
            | State::FetchingToken { .. }
            | State::Open { .. }
            | State::Waiting { .. } => fx.push(Effect::CloseSocket(generation, close::NORMAL)),
        }
    }

    fn on_socket_closed(&mut self, now: Millis, generation: Generation, code: u16, fx: &mut Effects) {
        match (self.state, close::verdict(code)) {
            (State::Connecting { .. } | State::Open { .. }, Verdict::Stop)
                if generation == self.generation =>
            {
                self.give_up(now, Why::ServerRefused(code), Problem::ServerRefused, fx);
            }
            (State::Connecting { .. }, Verdict::Retry) if generation == self.generation => {
                self.fail(now, Problem::HandshakeFailed, fx);
            }
            (State::Open { .. }, Verdict::Retry) if generation == self.generation => {
                self.wait(now, Why::SocketClosed(code), fx);
            }
            (
                State::Connecting { .. }
                | State::Open { .. }
                | State::Closed
                | State::FetchingToken { .. }
                | State::Waiting { .. },
                Verdict::Retry | Verdict::Stop,
            ) => {}
        }
    }

    fn on_timeout(&mut self, now: Millis, fx: &mut Effects) {
        if self.deadline().is_none_or(|due| now < due) {
            return;
        }
        match self.state {
            State::Closed => {}
            State::FetchingToken { .. } => self.fail(now, Problem::TokenTimedOut, fx),
            State::Connecting { .. } => {
                fx.push(Effect::CloseSocket(self.generation, close::NORMAL));
                self.fail(now, Problem::HandshakeTimedOut, fx);
            }
            State::Open { .. } => {
                self.failures = 0;
                self.enter(State::Open { stable_at: None }, now, Why::Stable, fx);
            }
            State::Waiting { .. } => self.begin_attempt(now, Why::RetryDue, fx),
        }
    }

    // The steps they are made of ------------------------------------------------------------

    /// A fresh token for every attempt: the last one may have expired while we waited.
    fn begin_attempt(&mut self, now: Millis, why: Why, fx: &mut Effects) {
        self.generation = Generation(self.generation.0.wrapping_add(1));
        let give_up_at = now.plus(self.config.token_timeout_ms);
        self.enter(State::FetchingToken { give_up_at }, now, why, fx);
        fx.push(Effect::RequestToken(self.generation));
    }

    fn fail(&mut self, now: Millis, problem: Problem, fx: &mut Effects) {
        fx.push(Effect::Report(problem));
        self.wait(now, Why::Failed(problem), fx);
    }

    fn wait(&mut self, now: Millis, why: Why, fx: &mut Effects) {
        self.failures = self.failures.saturating_add(1);
        let retry_at = now.plus(backoff::delay_ms(&self.config, self.seed, self.failures));
        self.enter(State::Waiting { retry_at }, now, why, fx);
    }

    fn give_up(&mut self, now: Millis, why: Why, problem: Problem, fx: &mut Effects) {
        fx.push(Effect::Report(problem));
        self.end(now, why, problem, fx);
    }

    /// Closed: every promise that the connection has given is settled here.
    fn end(&mut self, now: Millis, why: Why, problem: Problem, fx: &mut Effects) {
        self.enter(State::Closed, now, why, fx);
        self.settle(Err(problem), fx);
        for message in self.outbox.drain() {
            fx.push(Effect::Refuse(message, problem));
        }
    }

    fn settle(&mut self, outcome: Result<(), Problem>, fx: &mut Effects) {
        if core::mem::take(&mut self.opening) {
            fx.push(Effect::Settle(outcome));
        }
    }

    fn enter(&mut self, state: State, now: Millis, why: Why, fx: &mut Effects) {
        self.state = state;
        fx.push(Effect::Announce(self.snapshot(now, why)));
    }

    fn snapshot(&self, now: Millis, why: Why) -> Snapshot {
        let (retry_in_ms, wait_number) = match self.state {
            State::Waiting { retry_at } => (Some(now.until(retry_at)), self.failures),
            State::Closed | State::FetchingToken { .. } | State::Connecting { .. } | State::Open { .. } => {
                (None, self.failures.saturating_add(1))
            }
        };
        Snapshot {
            state: self.state,
            attempt: self.failures,
            retry_in_ms,
            ceiling_ms: backoff::ceiling_ms(&self.config, wait_number),
            why,
        }
    }
}
