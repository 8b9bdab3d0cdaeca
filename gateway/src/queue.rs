//! Messages that wait, bounded by their bytes. An empty queue holds no memory: most connections are idle.

use std::collections::VecDeque;

use axum::extract::ws::Utf8Bytes;
use tokio::time::Instant;

/// A message, and when it began to wait.
pub(crate) type Waiting = (Instant, Utf8Bytes);

/// What a message takes besides its text, in bytes, roughly: many small ones are bounded too.
const OVERHEAD_BYTES: usize = 128;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    messages: VecDeque<Waiting>,
    bytes: usize,
}

impl Queue {
    /// Whether fewer bytes than these wait. The last message may go over: so the largest one fits into any queue.
    pub(crate) fn has_room(&self, max_bytes: usize) -> bool {
        self.bytes < max_bytes
    }

    pub(crate) fn push(&mut self, message: Waiting) {
        self.bytes += weight(&message);
        self.messages.push_back(message);
    }

    pub(crate) fn pop(&mut self) -> Option<Waiting> {
        let message = self.messages.pop_front()?;
        self.bytes -= weight(&message);
        if self.messages.is_empty() {
            self.messages = VecDeque::new();
        }
        Some(message)
    }
}

fn weight((_, text): &Waiting) -> usize {
    text.len() + OVERHEAD_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: usize) -> Waiting {
        (Instant::now(), "x".repeat(bytes).into())
    }

    #[test]
    fn there_is_room_until_the_bytes_are_used_up_and_again_when_something_has_left() {
        let mut queue = Queue::default();
        while queue.has_room(10_000) {
            queue.push(message(1000));
        }
        assert_eq!(queue.messages.len(), 10_000_usize.div_ceil(1000 + OVERHEAD_BYTES));
        assert!(queue.pop().is_some() && queue.has_room(10_000));
    }

    #[test]
    fn empty_messages_fill_it_too() {
        let mut queue = Queue::default();
        while queue.has_room(10_000) {
            queue.push(message(0));
        }
        assert!(queue.messages.len() < 100);
    }

    #[test]
    fn empty_again_it_holds_no_memory() {
        let mut queue = Queue::default();
        queue.push(message(1));
        assert!(queue.pop().is_some() && queue.pop().is_none());
        assert_eq!((queue.bytes, queue.messages.capacity()), (0, 0));
    }
}
