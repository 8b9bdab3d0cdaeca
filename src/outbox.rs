//! Messages waiting for a socket, in the order in which they were sent.
//!
//! Only their numbers and sizes are kept here; the messages themselves stay with whoever runs the
//! machine.

use alloc::vec::Vec;

use crate::config::limit;
use crate::{Config, Millis};

/// The number of a message, given by whoever sends it. Later messages have greater numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u32);

/// What the machine knows of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Its size as UTF-8.
    pub bytes: u32,
    /// Messages of one key stand for the same thing: while one waits, a later one takes its
    /// place. 0: stands for itself.
    pub key: u32,
    /// When it is worth nothing any more.
    pub expires_at: Option<Millis>,
}

/// A bounded queue of messages, ordered by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outbox {
    waiting: Vec<Message>,
}

impl Outbox {
    pub(crate) const EMPTY: Self = Self { waiting: Vec::new() };

    /// Takes the message out that has the key of `message`, if it has one: only the later of the
    /// two may wait.
    pub(crate) fn take_rival_of(&mut self, message: &Message) -> Option<Message> {
        self.take(|waiting| message.key != 0 && waiting.key == message.key)
    }

    /// Takes the message with this number out, if it waits.
    pub(crate) fn take_number(&mut self, id: MessageId) -> Option<Message> {
        self.take(|waiting| waiting.id == id)
    }

    /// Takes a message out that is worth nothing at `now`.
    pub(crate) fn take_expired(&mut self, now: Millis) -> Option<Message> {
        self.take(|waiting| waiting.expires_at.is_some_and(|at| at <= now))
    }

    /// Takes a message out that has this size or more.
    pub(crate) fn take_of_size(&mut self, bytes: u32) -> Option<Message> {
        self.take(|waiting| waiting.bytes >= bytes)
    }

    /// Takes out the message that has waited longest, if it was sent before the one with this
    /// number.
    pub(crate) fn take_older_than(&mut self, id: MessageId) -> Option<Message> {
        self.take(|waiting| waiting.id < id)
    }

    fn take(&mut self, which: impl Fn(&Message) -> bool) -> Option<Message> {
        let place = self.waiting.iter().position(which)?;
        Some(self.waiting.remove(place))
    }

    /// Whether `message` fits beside what waits.
    #[must_use]
    pub(crate) fn has_room_for(&self, message: &Message, config: &Config) -> bool {
        let bytes = self.bytes().saturating_add(u64::from(message.bytes));
        (self.waiting.len() as u64) < u64::from(config.max_queued_messages)
            && bytes <= u64::from(limit(config.max_queued_bytes))
    }

    /// Puts a message in its place in the order.
    pub(crate) fn insert(&mut self, message: Message) {
        let place = self.waiting.partition_point(|waiting| waiting.id < message.id);
        self.waiting.insert(place, message);
    }

    /// Empties the outbox and gives what waited, in order.
    pub(crate) fn drain(&mut self) -> Vec<Message> {
        core::mem::take(&mut self.waiting)
    }

    /// When the next message is worth nothing any more.
    #[must_use]
    pub fn expires_at(&self) -> Option<Millis> {
        self.waiting.iter().filter_map(|message| message.expires_at).min()
    }

    /// What waits, in order.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.waiting
    }

    /// How many bytes wait.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.waiting.iter().map(|message| u64::from(message.bytes)).sum()
    }

    /// Whether no message waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
