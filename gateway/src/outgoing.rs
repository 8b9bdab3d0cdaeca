//! What is to be sent to a client, in order.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::queue::{Queue, Waiting};

/// How many bytes wait for a slow client, until posting to it is answered with 429.
const MAX_BYTES: usize = 1024 * 1024;

/// Why a message is not taken.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// Too much waits for this client already.
    Full,
    /// It has just ended, or is about to.
    Gone,
}

#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    state: Mutex<State>,
    /// A message was put in, or none will be any more. Only who writes to the client waits for either.
    has_news: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: Queue,
    closed_at: Option<Instant>,
}

impl Outgoing {
    pub(crate) fn put(&self, text: Utf8Bytes) -> Result<(), Unsent> {
        let mut state = self.lock();
        if state.closed_at.is_some() {
            return Err(Unsent::Gone);
        }
        if !state.queue.has_room(MAX_BYTES) {
            return Err(Unsent::Full);
        }
        state.queue.push((Instant::now(), text));
        drop(state);
        self.has_news.notify_one();
        Ok(())
    }

    /// Nothing more can be put in from now on.
    pub(crate) fn close(&self) {
        self.lock().closed_at.get_or_insert_with(Instant::now);
        self.has_news.notify_one();
    }

    /// The next message; `None` when it is closed and empty.
    pub(crate) async fn next(&self) -> Option<Waiting> {
        loop {
            {
                let mut state = self.lock();
                let message = state.queue.pop();
                if message.is_some() || state.closed_at.is_some() {
                    return message;
                }
            }
            self.has_news.notified().await;
        }
    }

    /// Ends when it is closed, and says since when.
    pub(crate) async fn closed(&self) -> Instant {
        loop {
            let closed_at = self.lock().closed_at;
            match closed_at {
                Some(closed_at) => return closed_at,
                None => self.has_news.notified().await,
            }
        }
    }

    /// The next message, if there is one.
    pub(crate) fn take(&self) -> Option<Waiting> {
        self.lock().queue.pop()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing between two changes can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
