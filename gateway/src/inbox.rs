//! A client's messages on their way to functions: in the order they came, so many at once as the gateway is told to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::queue::{Queue, Waiting};

/// How many bytes of a client's messages wait for a function, before no more are read.
const MAX_BYTES: usize = 256 * 1024;

/// Whoever takes messages out is a handler: a task that there is only while there are messages.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    /// A message was taken out. Only who reads from the client waits for it.
    has_room: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: Queue,
    handlers: usize,
}

impl Inbox {
    /// Puts a message in, once there is room. Whether one more handler has to be started for it, of at most so many.
    pub(crate) async fn put(&self, arrived: Instant, text: Utf8Bytes, most_handlers: usize) -> bool {
        while !self.lock().queue.has_room(MAX_BYTES) {
            self.has_room.notified().await;
        }
        let mut state = self.lock();
        state.queue.push((arrived, text));
        let is_wanted = state.handlers < most_handlers;
        state.handlers += usize::from(is_wanted);
        is_wanted
    }

    /// The next message; if there is none, the handler that asks has to end.
    pub(crate) fn take(&self) -> Option<Waiting> {
        let mut state = self.lock();
        let message = state.queue.pop();
        match message {
            Some(_) => self.has_room.notify_one(),
            None => state.handlers -= 1,
        }
        message
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing between two changes can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
