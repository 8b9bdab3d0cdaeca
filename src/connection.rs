//! The machine: [`Connection`] turns what happens ([`Input`]) into what there is to do ([`Effect`]).
//!
//! The diagram is on the crate's front page. Each input has one method, and each method says for
//! every state what happens; nothing is left to a wildcard. Here are opening and closing, attempts
//! and their sockets. The other methods stand beside what they are about: an open socket in
//! `liveness.rs`, the second one in `handover.rs`, messages in `sending.rs` and `greeting.rs`, the
//! page in `page.rs`.

use crate::backoff::{self, Attempt, Pace};
use crate::clock::earliest;
use crate::close::{self, Verdict};
use crate::config::limit;
use crate::effect::Turn;
use crate::handover::Spare;
use crate::liveness::Life;
use crate::sending::Given;
use crate::{Config, Effect, Effects, Generation, Hint, Input, Millis, Outbox, Page, Problem, Token, Why};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is wanted and nothing is held: no socket, no token request, no deadline.
    Closed,
    /// The app wants to be connected, but the page is stored or prerendered: no socket until it
    /// is shown.
    Suspended,
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
    Open(Life),
    /// The last attempt or the last socket is over, and the next attempt has its time.
    Waiting {
        /// When to try again.
        retry_at: Millis,
        /// Whether the wait has a reason that neither a network nor a user who is back makes
        /// shorter: the server asked for it, or the token is at fault.
        is_firm: bool,
    },
}

/// A connection: outlives many sockets. It has at most one, and a second during a hand-over.
///
/// Deterministic: the same configuration, seed and inputs at the same times give the same
/// effects, here, in a test and in a browser. Run the effects only after
/// [`handle`](Self::handle) has returned, so that whatever they call may call back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    pub(crate) config: Config,
    pub(crate) seed: u64,
    pub(crate) state: State,
    /// The attempt that [`state`](Self::state) is about.
    pub(crate) current: Generation,
    /// The last number given to an attempt, the hand-over's included.
    pub(crate) latest: Generation,
    pub(crate) spare: Spare,
    /// Second sockets that came to nothing since a socket last opened as the current one.
    pub(crate) hand_over_tries: u32,
    /// Attempts and sockets lost since the connection last proved itself.
    pub(crate) failures: u32,
    /// Attempts that have failed since then.
    failed_attempts: u32,
    /// Whether the app waits for `open` to settle.
    opening: bool,
    pub(crate) outbox: Outbox,
    pub(crate) page: Page,
    pub(crate) token: Token,
    /// When the current token expires, by its own word.
    pub(crate) token_expires_at: Option<Millis>,
    /// Whether the next token must not come from a cache.
    pub(crate) wants_refresh: bool,
    /// Whether such a token has come since a socket last opened as the current one.
    pub(crate) has_refreshed: bool,
    /// Whether a token with a past `exp` has opened a socket: this clock is wrong, or the
    /// server's is.
    pub(crate) distrusts_clock: bool,
    /// Whether the server has said that it sees too many clients, since a socket last proved
    /// itself.
    pub(crate) is_crowded: bool,
    hint: Option<Hint>,
    /// Whether this server has ever answered a heartbeat.
    pub(crate) answers: bool,
    /// When the last socket that was open was last heard, until the next one opens.
    lost_at: Option<Millis>,
    /// What the current socket has been given.
    pub(crate) given: Given,
    /// A size that a server has refused with 1009.
    pub(crate) too_big_bytes: u32,
    /// The end of a firm wait during which the page was stored.
    pub(crate) not_before: Option<Millis>,
}

impl Connection {
    /// A closed connection on an ordinary page. `seed` decides the jitter of its retries: give
    /// each client its own.
    #[must_use]
    pub const fn new(config: Config, seed: u64) -> Self {
        Self {
            answers: config.heartbeat_required != 0,
            config,
            seed,
            state: State::Closed,
            current: Generation(0),
            latest: Generation(0),
            spare: Spare::None,
            hand_over_tries: 0,
            failures: 0,
            failed_attempts: 0,
            opening: false,
            outbox: Outbox::EMPTY,
            page: Page::ORDINARY,
            token: Token::NONE,
            token_expires_at: None,
            wants_refresh: false,
            has_refreshed: false,
            distrusts_clock: false,
            is_crowded: false,
            hint: None,
            lost_at: None,
            given: Given::NOTHING,
            too_big_bytes: u32::MAX,
            not_before: None,
        }
    }

    /// The place of the configuration, for another one, before [`start`](Self::start).
    #[cfg(feature = "npm")]
    pub(crate) const fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Notes what follows from the configuration, and the seed, before the first input.
    #[cfg(feature = "npm")]
    pub(crate) const fn start(&mut self, seed: u64) {
        self.answers = self.config.heartbeat_required != 0;
        self.seed = seed;
    }

    /// Takes one input at the time `now` and gives what is to be done about it, in order.
    pub fn handle(&mut self, now: Millis, input: Input) -> Effects {
        let mut begun = Turn { now, effects: Effects::default() };
        let turn = &mut begun;
        match input {
            Input::Open => self.on_open(turn),
            Input::Close => self.on_close(turn),
            Input::Reconnect => self.on_reconnect(turn, Why::Reconnected),
            Input::Rotate => self.on_rotate(turn),
            Input::Send(message) => self.on_send(turn, message),
            Input::Cancel(id) => self.on_cancel(turn, id),
            Input::NotTransmitted(generation, message) => self.on_not_transmitted(turn, generation, message),
            Input::Greeted(generation) => self.on_greeted(turn, generation),
            Input::GreetingFailed(generation) => self.on_greeting_failed(turn, generation),
            Input::TokenReady(generation, token) => self.on_token_ready(turn, generation, token),
            Input::TokenFailed(generation) => self.on_token_failed(turn, generation),
            Input::TokenDenied(generation) => self.on_token_denied(turn, generation),
            Input::SocketRefused(generation) => self.on_socket_refused(turn, generation),
            Input::SocketOpened(generation) => self.on_socket_opened(turn, generation),
            Input::Received { generation, at, is_answer } => {
                self.on_received(turn, generation, at, is_answer)
            }
            Input::Hint(hint) => self.hint = Some(hint),
            Input::SocketClosed(generation, code) => self.on_socket_closed(turn, generation, code),
            Input::Page(event) => self.on_page(turn, event),
            Input::Timeout => self.on_timeout(turn),
        }
        begun.effects
    }

    /// When [`Input::Timeout`] is due, if ever: read off the state, kept nowhere else.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        let state = match &self.state {
            State::Closed | State::Suspended => None,
            State::FetchingToken { give_up_at } | State::Connecting { give_up_at } => Some(*give_up_at),
            State::Open(life) => self.open_deadline(life),
            State::Waiting { retry_at, .. } => Some(*retry_at),
        };
        earliest([state, self.outbox.expires_at(), self.spare.deadline()])
    }

    /// Where the connection stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The number of the attempt that the state is about, or of the last one.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.current
    }

    /// The second socket of a hand-over.
    #[must_use]
    pub const fn spare(&self) -> Spare {
        self.spare
    }

    /// The token requests that are being waited for: that of the state, and that of the second
    /// socket.
    #[must_use]
    pub const fn awaited_tokens(&self) -> [Option<Generation>; 2] {
        let current = match self.state {
            State::FetchingToken { .. } => Some(self.current),
            State::Closed
            | State::Suspended
            | State::Connecting { .. }
            | State::Open(_)
            | State::Waiting { .. } => None,
        };
        [current, self.spare.awaited_token()]
    }

    /// Whether the token request of this generation is being waited for.
    #[must_use]
    pub fn awaits_token(&self, generation: Generation) -> bool {
        self.awaited_tokens().contains(&Some(generation))
    }

    /// Whether [`Input::Received`] is to be told at once. Otherwise it is enough to tell the
    /// latest arrival of each socket before the next input: an app that gets many messages then
    /// pays nothing for them here.
    #[must_use]
    pub const fn wants_news(&self) -> bool {
        match self.state {
            State::Open(life) => life.probe.is_some() || self.spare.is_proving(),
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => false,
        }
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

    // What the app wants --------------------------------------------------------------------

    fn on_open(&mut self, turn: &mut Turn) {
        match self.state {
            State::Closed => {
                self.opening = true;
                self.begin_anew();
                self.begin_attempt(turn, Why::Opened);
            }
            State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {
                self.opening = true;
            }
            State::Open(_) => turn.push(Effect::Settle(Ok(()))),
        }
    }

    fn on_close(&mut self, turn: &mut Turn) {
        match self.state {
            State::Closed => {}
            State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Open(_)
            | State::Waiting { .. } => {
                self.close_sockets(turn);
                self.end(turn, Why::Closed, Problem::Closed);
            }
        }
    }

    pub(crate) fn on_reconnect(&mut self, turn: &mut Turn, why: Why) {
        match self.state {
            State::Closed => self.begin_anew(),
            State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Open(_)
            | State::Waiting { .. } => {}
        }
        self.close_sockets(turn);
        self.begin_attempt(turn, why);
    }

    // What the token function gives ---------------------------------------------------------

    fn on_token_ready(&mut self, turn: &mut Turn, generation: Generation, token: Token) {
        if !self.awaits_token(generation) {
            return;
        }
        if token.url_length > limit(self.config.max_url_length) {
            if generation == self.current {
                self.give_up(turn, Problem::UrlTooLong);
            } else {
                turn.report(Problem::UrlTooLong);
                self.spare_failed(turn);
            }
            return;
        }
        self.token = token;
        self.token_expires_at = token.lives_ms.map(|ms| turn.now.plus(ms));
        self.has_refreshed |= core::mem::take(&mut self.wants_refresh);
        let give_up_at = turn.now.plus(self.config.handshake_timeout_ms);
        if generation == self.current {
            self.enter(turn, State::Connecting { give_up_at }, Why::TokenReady);
        } else {
            self.spare = Spare::Connecting { generation, give_up_at };
        }
        // Last, since the browser may refuse it on the spot.
        turn.push(Effect::OpenSocket(generation));
    }

    fn on_token_failed(&mut self, turn: &mut Turn, generation: Generation) {
        if self.awaits_token(generation) {
            if generation == self.current {
                self.fail(turn, Problem::TokenFailed, Pace::Usual);
            } else {
                turn.report(Problem::TokenFailed);
                self.spare_failed(turn);
            }
        }
    }

    fn on_token_denied(&mut self, turn: &mut Turn, generation: Generation) {
        if self.awaits_token(generation) {
            self.give_up(turn, Problem::Unauthorized);
        }
    }

    // What the sockets go through -----------------------------------------------------------

    fn on_socket_refused(&mut self, turn: &mut Turn, generation: Generation) {
        match self.state {
            // The same URL would be refused again: waiting mends nothing.
            State::Connecting { .. } if generation == self.current => {
                self.give_up(turn, Problem::SocketRefused);
            }
            State::Open(_) => self.spare_refused(turn, generation),
            State::Connecting { .. }
            | State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Waiting { .. } => {}
        }
    }

    fn on_socket_opened(&mut self, turn: &mut Turn, generation: Generation) {
        match self.state {
            State::Connecting { .. } if generation == self.current => {
                let greet_by = (self.config.greets != 0).then(|| turn.now.plus(self.config.token_timeout_ms));
                let stable_at = Some(turn.now.plus(self.config.stable_after_ms));
                self.opened(turn, Life { greet_by, stable_at, ..Life::begin(turn.now) }, Why::SocketOpened);
                self.settle(turn, Ok(()));
                if greet_by.is_some() {
                    turn.push(Effect::Greet(generation));
                } else {
                    self.begin_talking(turn);
                }
            }
            State::Open(_) => self.spare_opened(turn, generation),
            State::Connecting { .. }
            | State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Waiting { .. } => {}
        }
    }

    fn on_socket_closed(&mut self, turn: &mut Turn, generation: Generation, code: u16) {
        if generation != self.current {
            self.spare_closed(turn, generation);
            return;
        }
        let verdict = close::verdict(code, &self.config.final_codes);
        match (self.state, verdict) {
            (State::Connecting { .. } | State::Open(_), Verdict::Stop) => {
                turn.report(Problem::ServerRefused);
                self.close_spare(turn);
                self.end(turn, Why::ServerRefused(code), Problem::ServerRefused);
            }
            (State::Connecting { .. }, Verdict::Retry | Verdict::RetrySpread) => self.handshake_failed(turn),
            (State::Open(_), Verdict::Retry | Verdict::RetrySpread) => {
                self.is_crowded |= verdict == Verdict::RetrySpread;
                if code == close::TOO_BIG {
                    self.quarantine(turn);
                }
                self.lose(turn, Why::SocketClosed(code));
            }
            (
                State::Closed | State::Suspended | State::FetchingToken { .. } | State::Waiting { .. },
                Verdict::Retry | Verdict::RetrySpread | Verdict::Stop,
            ) => {}
        }
    }

    // What the clock brings -----------------------------------------------------------------

    pub(crate) fn on_timeout(&mut self, turn: &mut Turn) {
        self.refuse_expired(turn);
        match self.state {
            State::Closed | State::Suspended => {}
            State::FetchingToken { give_up_at } => {
                if turn.now >= give_up_at {
                    self.fail(turn, Problem::TokenTimedOut, Pace::Usual);
                }
            }
            State::Connecting { give_up_at } => {
                if turn.now >= give_up_at {
                    self.close_sockets(turn);
                    self.fail(turn, Problem::HandshakeTimedOut, Pace::Usual);
                }
            }
            State::Open(_) => self.look_after(turn),
            State::Waiting { retry_at, .. } => {
                if turn.now >= retry_at {
                    self.begin_attempt(turn, Why::RetryDue);
                }
            }
        }
    }

    // The steps they are made of ------------------------------------------------------------

    /// What was learnt from failures is forgotten when the app begins anew.
    fn begin_anew(&mut self) {
        self.forget_failures();
        self.wants_refresh = false;
        self.has_refreshed = false;
        self.hint = None;
        self.lost_at = None;
        self.too_big_bytes = u32::MAX;
    }

    pub(crate) fn forget_failures(&mut self) {
        self.failures = 0;
        self.failed_attempts = 0;
        self.is_crowded = false;
    }

    /// A fresh token for every attempt: the last one may have expired while we waited.
    pub(crate) fn begin_attempt(&mut self, turn: &mut Turn, why: Why) {
        self.not_before = None;
        if !self.page.is_shown {
            self.enter(turn, State::Suspended, why);
            return;
        }
        let generation = self.next_generation();
        self.current = generation;
        let give_up_at = turn.now.plus(self.config.token_timeout_ms);
        self.enter(turn, State::FetchingToken { give_up_at }, why);
        turn.push(Effect::RequestToken { generation, is_refresh: self.wants_refresh });
    }

    pub(crate) fn next_generation(&mut self) -> Generation {
        self.latest = Generation(self.latest.0.wrapping_add(1));
        self.latest
    }

    /// A socket is open and becomes the current one.
    pub(crate) fn opened(&mut self, turn: &mut Turn, mut life: Life, why: Why) {
        self.distrusts_clock |= self.token.lives_ms == Some(0);
        self.wants_refresh = false;
        self.has_refreshed = false;
        // It was about the socket that has gone.
        self.hint = None;
        self.given = Given::NOTHING;
        self.hand_over_tries = 0;
        life.rotate_at = self.rotate_at(turn.now);
        self.state = State::Open(life);
        let mut snapshot = self.snapshot(turn.now, why);
        snapshot.gap_ms = self.lost_at.take().map(|at| at.until(turn.now));
        turn.push(Effect::Announce(snapshot));
    }

    /// An open socket is gone. A spare takes its place, else there is a wait.
    pub(crate) fn lose(&mut self, turn: &mut Turn, why: Why) {
        let State::Open(life) = &self.state else { return };
        let was_stable = life.stable_at.is_none();
        self.lost_at = Some(life.heard_at);
        if self.promote_spare(turn, why) {
            return;
        }
        self.close_spare(turn);
        let (soonest, pace) =
            if self.is_crowded { (Pace::Spread, Pace::Spread) } else { (Pace::Soon, Pace::Usual) };
        if was_stable {
            self.wait(turn, soonest, why);
        } else {
            // A server that accepts and then drops is one that fails.
            self.attempt_failed(turn, pace, why);
        }
    }

    /// An attempt has failed, and its socket is closed.
    pub(crate) fn fail(&mut self, turn: &mut Turn, problem: Problem, pace: Pace) {
        turn.report(problem);
        self.attempt_failed(turn, pace, Why::Failed(problem));
    }

    fn attempt_failed(&mut self, turn: &mut Turn, pace: Pace, why: Why) {
        self.failed_attempts = self.failed_attempts.saturating_add(1);
        if self.failed_attempts >= limit(self.config.max_attempts) {
            turn.report(Problem::AttemptsExhausted);
            self.end(turn, why, Problem::AttemptsExhausted);
        } else {
            self.wait(turn, pace, why);
        }
    }

    pub(crate) fn wait(&mut self, turn: &mut Turn, pace: Pace, why: Why) {
        self.failures = self.failures.saturating_add(1);
        let hint = self.hint.take();
        let is_firm = hint.is_some() || matches!(pace, Pace::Long | Pace::Spread);
        let delay = match hint {
            Some(Hint { retry_after_ms, spread_ms }) => {
                retry_after_ms.saturating_add(backoff::between(0, spread_ms, self.draw()))
            }
            None => self.delay_ms(pace),
        };
        self.enter(turn, State::Waiting { retry_at: turn.now.plus(delay), is_firm }, why);
    }

    pub(crate) fn delay_ms(&self, pace: Pace) -> u32 {
        let Self { seed, latest, failures, page, .. } = self;
        // The difference stays the same through an outage, as each failure is one more attempt, and
        // is another one in the next: nobody keeps an unlucky place for ever.
        let outage = u64::from(latest.0.wrapping_sub(*failures));
        let attempt = Attempt { seed: seed ^ outage, failures: *failures, is_visible: page.is_visible };
        backoff::delay_ms(&self.config, attempt, pace)
    }

    pub(crate) fn draw(&self) -> u32 {
        backoff::draw(self.seed, self.latest.0)
    }

    pub(crate) fn give_up(&mut self, turn: &mut Turn, problem: Problem) {
        turn.report(problem);
        self.close_sockets(turn);
        self.end(turn, Why::Failed(problem), problem);
    }

    /// Closed: every promise that the connection has given is settled here.
    fn end(&mut self, turn: &mut Turn, why: Why, problem: Problem) {
        self.enter(turn, State::Closed, why);
        self.settle(turn, Err(problem));
        for message in self.outbox.drain() {
            turn.refuse(message.id, problem);
        }
    }

    fn settle(&mut self, turn: &mut Turn, outcome: Result<(), Problem>) {
        if core::mem::take(&mut self.opening) {
            turn.push(Effect::Settle(outcome));
        }
    }

    /// Closes whatever sockets there are, the hand-over's included.
    pub(crate) fn close_sockets(&mut self, turn: &mut Turn) {
        match &self.state {
            State::Connecting { .. } => turn.close_socket(self.current),
            State::Open(life) => {
                self.lost_at = Some(life.heard_at);
                turn.close_socket(self.current);
            }
            State::Closed | State::Suspended | State::FetchingToken { .. } | State::Waiting { .. } => {}
        }
        self.close_spare(turn);
    }

    pub(crate) fn enter(&mut self, turn: &mut Turn, state: State, why: Why) {
        self.state = state;
        self.announce(turn, why);
    }

    pub(crate) fn announce(&self, turn: &mut Turn, why: Why) {
        turn.push(Effect::Announce(self.snapshot(turn.now, why)));
    }
}
