//! Whether an open socket is alive.
//!
//! A socket that lost its network says `OPEN` for minutes, and a page cannot send WebSocket
//! pings. So a socket that has been silent is asked for a sign of life through a real route, and
//! any frame counts as one. Every deadline is looked at again whenever the clock is at hand,
//! because timers of hidden pages fire minutes late and laptops sleep.

use crate::clock::earliest;
use crate::effect::Turn;
use crate::{Config, Connection, Effect, Generation, Millis, Problem, Spare, State, Why};

/// What is known of an open socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Life {
    /// When the last frame came; while none has, when the socket opened.
    pub heard_at: Millis,
    /// Since when the present silence counts: since the last frame or, where nobody answers, since
    /// the last heartbeat was given up.
    pub silent_since: Millis,
    /// Whether any frame has come.
    pub has_spoken: bool,
    /// The question that has no answer yet.
    pub probe: Option<Probe>,
    /// When past failures may be forgotten; `None` once they are.
    pub stable_at: Option<Millis>,
    /// When to replace the socket by a new one.
    pub rotate_at: Option<Millis>,
    /// When to stop waiting for the app's greeting; `None` once it has gone, or if there is none.
    pub greet_by: Option<Millis>,
    /// Whether the page has slept since the socket was last heard, or a heartbeat was not answered
    /// in time: messages wait for a sign of life, since the socket may be a corpse.
    pub is_suspect: bool,
    /// Whether the last heartbeat was answered before it had to be repeated, and the page has not
    /// slept since: silence tells more then.
    pub is_quick: bool,
    /// When to offer the socket again what it did not take.
    pub offer_at: Option<Millis>,
}

/// A heartbeat that has no answer yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    /// When to stop waiting.
    pub give_up_at: Millis,
    /// Whether this one repeats one whose deadline has passed: it decides.
    pub is_repeated: bool,
}

/// What a look at the clock says about an open socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Finding {
    /// Nothing is due.
    Fine,
    /// It has been silent long enough to be asked.
    Silent,
    /// The page has slept through a deadline: whatever is known is old, so ask before believing.
    Slept,
    /// It was asked and did not answer in time.
    Unanswered,
}

/// Where the timeout allows it: phones that wake up and functions that start take so long.
const SHORTEST_PATIENCE_MS: u32 = 1_000;

impl Life {
    /// A socket that has just opened.
    pub(crate) const fn begin(now: Millis) -> Self {
        Self {
            heard_at: now,
            silent_since: now,
            has_spoken: false,
            probe: None,
            stable_at: None,
            rotate_at: None,
            greet_by: None,
            is_suspect: false,
            is_quick: false,
            offer_at: None,
        }
    }

    /// Whether a message may be handed to the socket at once.
    #[must_use]
    pub const fn takes_messages(&self) -> bool {
        self.greet_by.is_none() && !self.is_suspect && self.offer_at.is_none()
    }

    /// Notes that a frame came at `at`.
    pub(crate) fn hear(&mut self, at: Millis) {
        self.heard_at = self.heard_at.max(at);
        self.silent_since = self.silent_since.max(at);
        self.has_spoken = true;
        self.probe = None;
        self.is_suspect = false;
    }

    /// How long to wait for the answer to the next heartbeat. A server is asked twice within the
    /// timeout; where answers come soon, two that are missing say enough before it is over.
    fn patience_ms(&self, timeout_ms: u32, is_repeated: bool) -> u32 {
        let first_ms = (timeout_ms / 5).max(SHORTEST_PATIENCE_MS).min(timeout_ms / 2);
        if is_repeated && !self.is_quick { timeout_ms - first_ms } else { first_ms }
    }

    /// What is to be thought of the socket, if it is asked after `interval_ms` of silence (never,
    /// if `None`) and has `timeout_ms` to answer.
    pub(crate) fn look(&self, now: Millis, interval_ms: Option<u32>, timeout_ms: u32) -> Finding {
        let slept = |due: Millis| now >= due.plus(timeout_ms);
        match (self.probe, interval_ms) {
            // The answer may be in the browser's queue, behind the timer that brought us here.
            // Once: in a hidden page every timer is late.
            (Some(Probe { give_up_at, is_repeated }), _)
                if slept(give_up_at) && (self.is_quick || !is_repeated) =>
            {
                Finding::Slept
            }
            (Some(Probe { give_up_at, .. }), _) if now >= give_up_at => Finding::Unanswered,
            (None, Some(interval)) if slept(self.silent_since.plus(interval)) => Finding::Slept,
            (None, Some(interval)) if now >= self.silent_since.plus(interval) => Finding::Silent,
            (Some(_), _) | (None, Some(_) | None) => Finding::Fine,
        }
    }

    /// When to look next.
    pub(crate) fn look_at(&self, interval_ms: Option<u32>) -> Option<Millis> {
        match self.probe {
            Some(probe) => Some(probe.give_up_at),
            None => interval_ms.map(|interval| self.silent_since.plus(interval)),
        }
    }
}

impl Connection {
    pub(crate) fn on_received(
        &mut self,
        turn: &mut Turn,
        generation: Generation,
        at: Millis,
        is_answer: bool,
    ) {
        match &mut self.state {
            State::Open(life) if generation == self.current => {
                if let (true, Some(probe)) = (is_answer, life.probe) {
                    life.is_quick = !probe.is_repeated;
                }
                life.hear(at);
                self.answers |= is_answer;
                self.forget_failures_if_stable(turn);
                self.flush(turn);
            }
            State::Open(_) if self.spare.socket() == Some(generation) => {
                self.answers |= is_answer;
                self.spare_heard(turn);
            }
            State::Open(_) => {}
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {}
        }
    }

    /// Asks an open socket for a sign of life, if it has been silent for `silent_ms`.
    pub(crate) fn doubt(&mut self, turn: &mut Turn, silent_ms: u32, is_suspect: bool) {
        match &self.state {
            State::Open(life) if turn.now >= life.heard_at.plus(silent_ms) => {
                let has_slept = self.look(turn.now, life) == Finding::Slept;
                self.ask(turn, is_suspect || has_slept, false);
            }
            State::Open(_)
            | State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {}
        }
    }

    fn look(&self, now: Millis, life: &Life) -> Finding {
        life.look(now, self.interval_ms(), self.config.heartbeat_timeout_ms)
    }

    pub(crate) fn look_after(&mut self, turn: &mut Turn) {
        let State::Open(life) = &self.state else { return };
        let finding = self.look(turn.now, life);
        let State::Open(life) = &mut self.state else { return };
        match (life.greet_by, finding) {
            (Some(at), _) if turn.now >= at => {
                self.on_greeting_failed(turn, self.current);
                return;
            }
            // Before the greeting has gone, only its own deadline counts.
            (Some(_), _) | (None, Finding::Fine) => {}
            (None, Finding::Silent) => self.ask(turn, false, false),
            (None, Finding::Slept) => {
                let is_repeated = life.probe.take().is_some();
                self.ask(turn, true, is_repeated);
            }
            (None, Finding::Unanswered)
                if self.answers && life.probe.is_some_and(|probe| !probe.is_repeated) =>
            {
                life.probe = None;
                life.is_suspect = true;
                self.ask(turn, false, true);
            }
            (None, Finding::Unanswered) if self.answers => {
                turn.report(Problem::HeartbeatUnanswered);
                turn.close_socket(self.current);
                self.lose(turn, Why::Failed(Problem::HeartbeatUnanswered));
                return;
            }
            // This server has never answered one: its silence says nothing.
            (None, Finding::Unanswered) => {
                life.probe = None;
                life.is_suspect = false;
                life.silent_since = turn.now;
                self.flush(turn);
            }
        }
        self.forget_failures_if_stable(turn);
        self.offer_again(turn);
        self.look_after_spare(turn);
    }

    /// Sends a heartbeat on the open socket, unless one is on its way.
    pub(crate) fn ask(&mut self, turn: &mut Turn, is_suspect: bool, is_repeated: bool) {
        let State::Open(life) = &mut self.state else { return };
        if self.config.heartbeat_ms == 0 {
            return;
        }
        life.is_suspect |= is_suspect;
        life.is_quick &= !is_suspect;
        // Nothing overtakes the greeting.
        if life.probe.is_none() && life.greet_by.is_none() {
            let patience_ms = life.patience_ms(self.config.heartbeat_timeout_ms, is_repeated);
            life.probe = Some(Probe { give_up_at: turn.now.plus(patience_ms), is_repeated });
            turn.push(Effect::Probe(self.current));
        }
    }

    /// Asks a server that has never answered a heartbeat, once, whether it does, and a socket that
    /// is suspect for a sign of life; then the outbox.
    pub(crate) fn begin_talking(&mut self, turn: &mut Turn) {
        if let State::Open(life) = &self.state
            && (life.is_suspect || !self.answers)
        {
            self.ask(turn, false, false);
        }
        self.flush(turn);
    }

    /// How long the socket may be silent: never longer than the service allows, and no shorter
    /// where nobody answers.
    pub(crate) fn interval_ms(&self) -> Option<u32> {
        let Config { heartbeat_ms, hidden_heartbeat_ms, idle_limit_ms, .. } = self.config;
        // A fifth is left for the heartbeat to get there.
        let longest = if idle_limit_ms == 0 { u32::MAX } else { idle_limit_ms / 5 * 4 };
        match (heartbeat_ms, self.answers, self.page.is_visible) {
            (0, _, _) => None,
            (_, false, _) if longest == u32::MAX => None,
            (_, false, _) => Some(longest),
            (_, true, true) => Some(heartbeat_ms.min(longest)),
            (_, true, false) => Some(hidden_heartbeat_ms.max(heartbeat_ms).min(longest)),
        }
    }

    /// Life is proven by time and, where this server answers, by something heard.
    pub(crate) fn forget_failures_if_stable(&mut self, turn: &mut Turn) {
        let State::Open(life) = &mut self.state else { return };
        // While there is a question, it is the answer that decides.
        let has_to_wait = life.probe.is_some() || life.greet_by.is_some();
        if has_to_wait || life.stable_at.is_none_or(|at| turn.now < at) {
            return;
        }
        if life.has_spoken || !self.answers || self.config.heartbeat_ms == 0 {
            life.stable_at = None;
            self.forget_failures();
            self.announce(turn, Why::Stable);
        } else {
            self.ask(turn, false, false);
        }
    }

    pub(crate) fn open_deadline(&self, life: &Life) -> Option<Millis> {
        // With a question asked, it is the answer that decides whether the socket is stable.
        let stable_at = life.stable_at.filter(|_| life.probe.is_none());
        let rotate_at = life.rotate_at.filter(|_| self.spare == Spare::None);
        match life.greet_by {
            Some(greet_by) => earliest([Some(greet_by), rotate_at, None]),
            None => earliest([
                life.look_at(self.interval_ms()),
                stable_at,
                earliest([life.offer_at, rotate_at, None]),
            ]),
        }
    }
}
