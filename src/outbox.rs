//! Messages waiting for a socket, in the order in which they were sent.
//!
//! Only their numbers are kept here; the messages themselves stay with whoever runs the machine.

use alloc::vec::Vec;

/// The number of a message, given by whoever sends it. Later messages have greater numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u32);

/// A bounded queue of messages, ordered by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outbox {
    waiting: Vec<MessageId>,
}

impl Outbox {
    /// Takes a new message if fewer than `limit` wait; `false` if it is full.
    #[must_use = "a message that is not accepted must be reported"]
    pub fn accept(&mut self, message: MessageId, limit: u32) -> bool {
        if self.waiting.len() >= limit as usize {
            return false;
        }
        self.waiting.push(message);
        true
    }

    /// Takes back a message that a socket could not take, to its old place in the order, if fewer
    /// than `limit` wait; `false` if it is full.
    #[must_use = "a message that is not taken back must be reported"]
    pub fn take_back(&mut self, message: MessageId, limit: u32) -> bool {
        if self.waiting.len() >= limit as usize {
            return false;
        }
        let place = self.waiting.partition_point(|waiting| *waiting < message);
        self.waiting.insert(place, message);
        true
    }

    /// Empties the outbox and gives what waited, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = MessageId> {
        core::mem::take(&mut self.waiting).into_iter()
    }

    /// How many messages wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no message waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
