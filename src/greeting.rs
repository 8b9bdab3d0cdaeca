//! The greeting: what an app says on each socket before any message.

use crate::backoff::Pace;
use crate::effect::Turn;
use crate::{Connection, Generation, Problem, State};

impl Connection {
    pub(crate) fn on_greeted(&mut self, turn: &mut Turn, generation: Generation) {
        match &mut self.state {
            State::Open(life) if generation == self.current && life.greet_by.is_some() => {
                if life.greet_by.is_some_and(|at| turn.now >= at) {
                    // Slept through: nobody knows what became of the socket.
                    self.on_greeting_failed(turn, generation);
                } else {
                    life.greet_by = None;
                    self.begin_talking(turn);
                }
            }
            State::Open(_) => self.spare_greeted(turn, generation),
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {}
        }
    }

    pub(crate) fn on_greeting_failed(&mut self, turn: &mut Turn, generation: Generation) {
        match &self.state {
            State::Open(life) if generation == self.current && life.greet_by.is_some() => {
                self.close_sockets(turn);
                self.fail(turn, Problem::GreetingFailed, Pace::Usual);
            }
            State::Open(_) => self.spare_greeting_failed(turn, generation),
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => {}
        }
    }
}
