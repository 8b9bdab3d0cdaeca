//! What becomes of a message: handed to a socket, kept until there is one, or refused by name.

use crate::effect::Turn;
use crate::{Connection, Effect, Generation, Message, MessageId, Outbox, Problem, State};

/// How long an open socket that did not take a message is left alone, in milliseconds.
const OFFER_AGAIN_MS: u32 = 50;

/// What the current socket has been given, as far as a close with 1009 may be about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Given {
    /// The largest message, unless it was not taken.
    largest: Option<MessageId>,
    /// No message was larger than this.
    at_most_bytes: u32,
}

impl Given {
    pub(crate) const NOTHING: Self = Self { largest: None, at_most_bytes: 0 };
}

impl Connection {
    pub(crate) fn on_send(&mut self, turn: &mut Turn, mut message: Message) {
        if message.bytes > self.config.message_limit() || message.bytes >= self.too_big_bytes {
            turn.refuse(message.id, Problem::MessageTooBig);
            return;
        }
        if message.expires_at.is_none() && self.config.max_queued_ms > 0 {
            message.expires_at = Some(turn.now.plus(self.config.max_queued_ms));
        }
        // A socket that should have given a sign of life by now is no place for a message.
        self.on_timeout(turn);
        match &self.state {
            State::Closed => turn.refuse(message.id, Problem::Closed),
            State::Open(life) if life.takes_messages() => self.transmit(turn, message),
            State::Open(_)
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => self.keep(turn, message),
        }
    }

    pub(crate) fn on_cancel(&mut self, turn: &mut Turn, id: MessageId) {
        if self.outbox.take_number(id).is_some() {
            turn.refuse(id, Problem::Cancelled);
        }
    }

    pub(crate) fn on_not_transmitted(&mut self, turn: &mut Turn, generation: Generation, message: Message) {
        let is_current = generation == self.current;
        match &mut self.state {
            State::Closed => turn.refuse(message.id, Problem::Closed),
            // A newer socket has taken over meanwhile.
            State::Open(life) if !is_current && life.takes_messages() => self.transmit(turn, message),
            State::Open(life) => {
                if is_current {
                    life.offer_at = Some(turn.now.plus(OFFER_AGAIN_MS));
                    self.given.largest = self.given.largest.filter(|largest| *largest != message.id);
                }
                self.keep(turn, message);
            }
            State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Waiting { .. } => self.keep(turn, message),
        }
    }

    /// Hands what waits to the socket, in order, if the socket takes messages.
    pub(crate) fn flush(&mut self, turn: &mut Turn) {
        if matches!(&self.state, State::Open(life) if life.takes_messages()) {
            self.refuse_expired(turn);
            for message in self.outbox.drain() {
                self.transmit(turn, message);
            }
        }
    }

    /// Tries a socket again that did not take a message.
    pub(crate) fn offer_again(&mut self, turn: &mut Turn) {
        let State::Open(life) = &mut self.state else { return };
        if life.offer_at.is_some_and(|at| turn.now >= at) {
            life.offer_at = None;
            self.flush(turn);
        }
    }

    pub(crate) fn refuse_expired(&mut self, turn: &mut Turn) {
        while let Some(message) = self.outbox.take_expired(turn.now) {
            turn.refuse(message.id, Problem::Expired);
        }
    }

    /// The server has closed with 1009. The culprit is no larger than the largest message that
    /// this socket was given, so nothing of that size is worth another try.
    pub(crate) fn quarantine(&mut self, turn: &mut Turn) {
        if self.given.at_most_bytes > 0 {
            self.too_big_bytes = self.too_big_bytes.min(self.given.at_most_bytes);
        }
        if let Some(id) = self.given.largest.take() {
            turn.push(Effect::Quarantine(id));
        }
        while let Some(message) = self.outbox.take_of_size(self.too_big_bytes) {
            turn.refuse(message.id, Problem::MessageTooBig);
        }
    }

    fn transmit(&mut self, turn: &mut Turn, message: Message) {
        if message.bytes > self.given.at_most_bytes {
            self.given = Given { largest: Some(message.id), at_most_bytes: message.bytes };
        }
        turn.push(Effect::Transmit(self.current, message));
    }

    /// Keeps a message until there is a socket that takes it, or refuses one.
    fn keep(&mut self, turn: &mut Turn, message: Message) {
        let rival = self.outbox.take_rival_of(&message);
        let (message, superseded) = match rival {
            // A message that a socket did not take comes back behind its successor.
            Some(rival) if rival.id > message.id => (rival, Some(message)),
            rival => (message, rival),
        };
        // What would not even fit alone drives nothing out.
        let makes_room = self.config.drop_oldest != 0 && Outbox::EMPTY.has_room_for(&message, &self.config);
        while !self.outbox.has_room_for(&message, &self.config) {
            let victim = if makes_room { self.outbox.take_older_than(message.id) } else { None };
            turn.refuse(victim.map_or(message.id, |oldest| oldest.id), Problem::OutboxFull);
            if victim.is_none() {
                // Nothing has taken its place.
                if let Some(spared) = superseded {
                    self.outbox.insert(spared);
                }
                return;
            }
        }
        if let Some(older) = superseded {
            turn.refuse(older.id, Problem::Superseded);
        }
        self.outbox.insert(message);
    }
}
