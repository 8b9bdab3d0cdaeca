//! Make before break: a second socket proves itself before the first one goes.
//!
//! API Gateway ends every socket after two hours. Whatever is pushed between that end and the
//! next handshake is lost, so the next socket is opened before: it gets a token of its own and
//! has to bring one frame; then messages go its way, and the old one drains for a while.

use crate::backoff::{self, Pace};
use crate::clock::earliest;
use crate::effect::Turn;
use crate::liveness::{Life, Probe};
use crate::{Config, Connection, Effect, Generation, Millis, State, Why};

/// How many times a second socket is tried before the first one is closed to make room for it.
const TRIES: u32 = 3;

/// The socket that is not the current one: before it has taken over, or after it has been
/// replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spare {
    /// There is none.
    None,
    /// A hand-over is wanted; the last try failed.
    Waiting {
        /// When to try again.
        retry_at: Millis,
    },
    /// The app's token function was called for it.
    FetchingToken {
        /// The new socket's.
        generation: Generation,
        /// When to stop waiting.
        give_up_at: Millis,
    },
    /// Its handshake goes on.
    Connecting {
        /// The new socket's.
        generation: Generation,
        /// When to stop waiting.
        give_up_at: Millis,
    },
    /// It is open and has to bring one frame.
    Proving {
        /// The new socket's.
        generation: Generation,
        /// When to stop waiting.
        give_up_at: Millis,
        /// Whether the greeting has gone.
        is_greeted: bool,
    },
    /// The hand-over is done, and the old socket may still bring messages.
    Draining {
        /// The old socket's.
        generation: Generation,
        /// When to close it.
        until: Millis,
    },
}

impl Spare {
    pub(crate) const fn deadline(&self) -> Option<Millis> {
        match *self {
            Self::None => None,
            Self::Waiting { retry_at, .. } => Some(retry_at),
            Self::FetchingToken { give_up_at, .. }
            | Self::Connecting { give_up_at, .. }
            | Self::Proving { give_up_at, .. } => Some(give_up_at),
            Self::Draining { until, .. } => Some(until),
        }
    }

    /// The generation, where its token is being fetched.
    pub(crate) const fn awaited_token(&self) -> Option<Generation> {
        match *self {
            Self::FetchingToken { generation, .. } => Some(generation),
            Self::None
            | Self::Waiting { .. }
            | Self::Connecting { .. }
            | Self::Proving { .. }
            | Self::Draining { .. } => None,
        }
    }

    pub(crate) const fn is_proving(&self) -> bool {
        matches!(self, Self::Proving { .. })
    }

    /// The generation, where there is a socket.
    pub(crate) const fn socket(&self) -> Option<Generation> {
        match *self {
            Self::None | Self::Waiting { .. } | Self::FetchingToken { .. } => None,
            Self::Connecting { generation, .. }
            | Self::Proving { generation, .. }
            | Self::Draining { generation, .. } => Some(generation),
        }
    }
}

impl Connection {
    pub(crate) fn on_rotate(&mut self, turn: &mut Turn) {
        match &mut self.state {
            State::Open(life) => match self.spare {
                Spare::None | Spare::Waiting { .. } => self.begin_hand_over(turn),
                // The old socket is owed its time: answers may still come on it. Then at once.
                Spare::Draining { .. } => life.rotate_at = Some(turn.now),
                Spare::FetchingToken { .. } | Spare::Connecting { .. } | Spare::Proving { .. } => {}
            },
            // What is under way is new already; what is closed stays closed.
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {}
        }
    }

    /// When to replace a socket that opens now.
    pub(crate) fn rotate_at(&self, now: Millis) -> Option<Millis> {
        let Config { max_life_ms, rotate_early_ms, rotate_before_expiry_ms, .. } = self.config;
        let early = rotate_early_ms.min(max_life_ms / 2);
        let lead = backoff::between(early / 3, early, backoff::draw(self.seed, !self.latest.0));
        let life = (max_life_ms > 0).then(|| now.plus(max_life_ms - lead));
        let token = self.token_expires_at.filter(|_| rotate_before_expiry_ms > 0 && !self.distrusts_clock);
        // Neither a token that lives no longer than the lead nor one that comes from a cache over
        // and over is a reason to open sockets more often than a lost connection would.
        let token = token.map(|at| {
            let lead = rotate_before_expiry_ms.min(now.until(at) / 2);
            at.minus(lead).max(now.plus(self.config.max_retry_ms))
        });
        earliest([life, token, None])
    }

    fn begin_hand_over(&mut self, turn: &mut Turn) {
        self.close_spare(turn);
        let generation = self.next_generation();
        let give_up_at = turn.now.plus(self.config.token_timeout_ms);
        self.spare = Spare::FetchingToken { generation, give_up_at };
        turn.push(Effect::RequestToken { generation, is_refresh: self.wants_refresh });
    }

    /// Whether the token is so close to its end that the same one, out of a cache, will not do.
    fn is_token_spent(&self, now: Millis) -> bool {
        let lead_ms = self.config.rotate_before_expiry_ms;
        lead_ms > 0 && self.token_expires_at.is_some_and(|at| now >= at.minus(lead_ms))
    }

    /// What is due for the second socket, while the first is open.
    pub(crate) fn look_after_spare(&mut self, turn: &mut Turn) {
        let State::Open(life) = &self.state else { return };
        let is_due = self.spare.deadline().is_some_and(|at| turn.now >= at);
        match self.spare {
            Spare::None => {
                if life.rotate_at.is_some_and(|at| turn.now >= at) {
                    self.wants_refresh |= self.is_token_spent(turn.now);
                    self.begin_hand_over(turn);
                }
            }
            Spare::Waiting { .. } if is_due => self.begin_hand_over(turn),
            // It is open, and this server does not answer heartbeats: that has to be enough.
            Spare::Proving { is_greeted: true, .. } if is_due && !self.answers => self.hand_over(turn),
            Spare::FetchingToken { .. } | Spare::Connecting { .. } | Spare::Proving { .. } if is_due => {
                self.spare_failed(turn);
            }
            Spare::Draining { .. } if is_due => self.close_spare(turn),
            Spare::Waiting { .. }
            | Spare::FetchingToken { .. }
            | Spare::Connecting { .. }
            | Spare::Proving { .. }
            | Spare::Draining { .. } => {}
        }
    }

    pub(crate) fn spare_opened(&mut self, turn: &mut Turn, generation: Generation) {
        match self.spare {
            Spare::Connecting { generation: spare, .. } if spare == generation => {
                let give_up_at = turn.now.plus(self.config.token_timeout_ms);
                self.spare = Spare::Proving { generation, give_up_at, is_greeted: false };
                if self.config.greets == 0 {
                    self.spare_greeted(turn, generation);
                } else {
                    turn.push(Effect::Greet(generation));
                }
            }
            Spare::None
            | Spare::Waiting { .. }
            | Spare::FetchingToken { .. }
            | Spare::Connecting { .. }
            | Spare::Proving { .. }
            | Spare::Draining { .. } => {}
        }
    }

    pub(crate) fn spare_greeted(&mut self, turn: &mut Turn, generation: Generation) {
        match &mut self.spare {
            Spare::Proving { generation: spare, is_greeted, give_up_at }
                if *spare == generation && !*is_greeted =>
            {
                *is_greeted = true;
                *give_up_at = turn.now.plus(self.config.heartbeat_timeout_ms);
                if self.config.heartbeat_ms == 0 {
                    self.hand_over(turn);
                } else {
                    turn.push(Effect::Probe(generation));
                }
            }
            Spare::None
            | Spare::Waiting { .. }
            | Spare::FetchingToken { .. }
            | Spare::Connecting { .. }
            | Spare::Proving { .. }
            | Spare::Draining { .. } => {}
        }
    }

    /// A frame has come on the second socket.
    pub(crate) fn spare_heard(&mut self, turn: &mut Turn) {
        match self.spare {
            Spare::Proving { is_greeted: true, .. } => self.hand_over(turn),
            Spare::None
            | Spare::Waiting { .. }
            | Spare::FetchingToken { .. }
            | Spare::Connecting { .. }
            | Spare::Proving { .. }
            | Spare::Draining { .. } => {}
        }
    }

    /// The spare becomes the current socket; the one that was drains.
    fn hand_over(&mut self, turn: &mut Turn) {
        if let Some(generation) = self.spare.socket() {
            let until = turn.now.plus(self.config.drain_ms);
            self.spare = Spare::Draining { generation: self.current, until };
            self.current = generation;
            self.forget_failures();
            self.opened(turn, Life { has_spoken: true, ..Life::begin(turn.now) }, Why::HandedOver);
            self.flush(turn);
        }
    }

    pub(crate) fn spare_greeting_failed(&mut self, turn: &mut Turn, generation: Generation) {
        match self.spare {
            Spare::Proving { generation: spare, is_greeted: false, .. } if spare == generation => {
                self.spare_failed(turn);
            }
            Spare::None
            | Spare::Waiting { .. }
            | Spare::FetchingToken { .. }
            | Spare::Connecting { .. }
            | Spare::Proving { .. }
            | Spare::Draining { .. } => {}
        }
    }

    pub(crate) fn spare_refused(&mut self, turn: &mut Turn, generation: Generation) {
        match self.spare {
            Spare::Connecting { generation: spare, .. } if spare == generation => self.spare_failed(turn),
            Spare::None
            | Spare::Waiting { .. }
            | Spare::FetchingToken { .. }
            | Spare::Connecting { .. }
            | Spare::Proving { .. }
            | Spare::Draining { .. } => {}
        }
    }

    /// A try has failed: another one after a pause or, after a few, without a second socket.
    pub(crate) fn spare_failed(&mut self, turn: &mut Turn) {
        // A socket that works is not given up for want of a token for the next one.
        if self.spare.socket().is_some() {
            self.hand_over_tries += 1;
            if self.hand_over_tries >= TRIES {
                self.close_spare(turn);
                self.on_reconnect(turn, Why::HandOverFailed);
                return;
            }
            // The old socket lives, so the server is up: perhaps it does not like the token.
            self.wants_refresh = true;
        }
        self.close_spare(turn);
        // There is time: the old socket lives. And if a server refuses a fleet's second sockets,
        // it is not to lose the first ones for it within seconds.
        let pause = self.delay_ms(Pace::Spread);
        self.spare = Spare::Waiting { retry_at: turn.now.plus(pause) };
    }

    /// The second socket has closed by itself.
    pub(crate) fn spare_closed(&mut self, turn: &mut Turn, generation: Generation) {
        if self.spare.socket() == Some(generation) {
            match self.spare {
                Spare::Draining { .. } => self.spare = Spare::None,
                Spare::None
                | Spare::Waiting { .. }
                | Spare::FetchingToken { .. }
                | Spare::Connecting { .. }
                | Spare::Proving { .. } => self.spare_failed(turn),
            }
        }
    }

    /// The current socket is lost while another one is on its way: that one goes on in its
    /// place.
    pub(crate) fn promote_spare(&mut self, turn: &mut Turn, why: Why) -> bool {
        match core::mem::replace(&mut self.spare, Spare::None) {
            Spare::FetchingToken { generation, give_up_at, .. } => {
                self.current = generation;
                self.enter(turn, State::FetchingToken { give_up_at }, why);
                true
            }
            Spare::Connecting { generation, give_up_at, .. } => {
                self.current = generation;
                self.enter(turn, State::Connecting { give_up_at }, why);
                true
            }
            Spare::Proving { generation, give_up_at, is_greeted, .. } => {
                self.current = generation;
                // It was asked when it was greeted, and has had its time when that is over.
                let probe = is_greeted.then_some(Probe { give_up_at, is_repeated: true });
                let greet_by = (!is_greeted).then_some(give_up_at);
                let stable_at = Some(turn.now.plus(self.config.stable_after_ms));
                // It has not proven itself: no message is risked before it has, if it can be asked.
                let is_suspect = self.config.heartbeat_ms != 0;
                let life = Life { probe, greet_by, stable_at, is_suspect, ..Life::begin(turn.now) };
                // The reason of the loss: there is a gap, however short.
                self.opened(turn, life, why);
                self.flush(turn);
                true
            }
            spare @ (Spare::None | Spare::Waiting { .. } | Spare::Draining { .. }) => {
                self.spare = spare;
                false
            }
        }
    }

    pub(crate) fn close_spare(&mut self, turn: &mut Turn) {
        if let Some(generation) = self.spare.socket() {
            turn.close_socket(generation);
        }
        self.spare = Spare::None;
    }
}
