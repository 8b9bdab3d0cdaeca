//! What happens at a gateway: connections, messages, pushes, failures. For its log and its status page.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock, PoisonError};

use axum::http::StatusCode;
use serde::Serialize;

use crate::clock;
use crate::event::Connection;

/// How many happenings are remembered.
const REMEMBERED: usize = 200;

/// How much is kept of what a function says of its failure, in characters.
const SHOWN: usize = 1000;

/// Something that happened. It holds no token, no URL and no message: those may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Whose connection it concerns, if any: API Gateway's name for the socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// Whose it is, if the authorizer has said so: its `principalId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
}

/// What happened. Sizes are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum What {
    /// A client is connected: `$connect` has said yes.
    Connected,
    /// A handshake was refused.
    Refused {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// A connection has ended.
    Disconnected {
        /// The close code, as `$disconnect` gets it.
        code: u16,
        /// The close reason.
        reason: String,
        /// How long it was connected, in milliseconds.
        lasted_ms: u64,
    },
    /// A client's message went to a route.
    Message {
        /// The route key.
        route: String,
        /// The message's size.
        bytes: usize,
    },
    /// A client's message found no route, not even `$default`.
    NoRoute {
        /// The message's size.
        bytes: usize,
    },
    /// A two-way route's answer went to the client.
    Answered {
        /// The route key.
        route: String,
        /// The answer's size.
        bytes: usize,
    },
    /// A message was posted to a connection.
    Pushed {
        /// The message's size.
        bytes: usize,
    },
    /// The backend was asked to send to all connections of a user, which are counted.
    Sent {
        /// Those that took the message.
        delivered: usize,
        /// Those that were gone, and are forgotten.
        gone: usize,
        /// Those that could not be posted to.
        failed: usize,
    },
    /// A post, look-up or deletion of a connection was refused.
    CallRefused {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// The backend has deleted a connection.
    Deleted,
    /// What was to be sent to a client was dropped: its queue is full, it has just ended, or it is in a black hole.
    Dropped {
        /// The message's size.
        bytes: usize,
    },
    /// A function failed, or answered what API Gateway takes for no answer.
    FunctionFailed {
        /// The function.
        function: String,
        /// Its own words, or what is wrong with its answer.
        error: String,
    },
    /// A function ran longer than the integration timeout.
    FunctionTimedOut {
        /// The function.
        function: String,
    },
    /// A client was closed, because its message was over the limit of messages and calls per second.
    Throttled,
    /// A fault was asked for that stands from now on; or, of a connection, a fault has happened to it.
    Fault {
        /// Its name, as in the request.
        fault: &'static str,
    },
    /// A call has ended a standing fault.
    FaultEnded {
        /// Its name, as in the request.
        fault: &'static str,
    },
}

impl Happening {
    /// Something that concerns no connection.
    pub(crate) fn new(what: What) -> Self {
        Self { at: clock::now_ms(), connection_id: None, user: None, what }
    }

    /// Something that concerns this connection.
    pub(crate) fn of(connection: &Connection, what: What) -> Self {
        let (connection_id, user) = (Some(connection.id.clone()), connection.user().map(str::to_owned));
        Self { connection_id, user, ..Self::new(what) }
    }

    /// Something that concerns all connections of a user.
    pub(crate) fn of_user(user: &str, what: What) -> Self {
        Self { user: Some(user.to_owned()), ..Self::new(what) }
    }

    /// A handshake that was refused.
    pub(crate) fn refused(connection_id: &str, status: StatusCode) -> Self {
        let what = What::Refused { status: status.as_u16() };
        Self { connection_id: Some(connection_id.to_owned()), ..Self::new(what) }
    }
}

/// Is told everything that happens, at once and in order; it must not take long.
pub type Observer = Box<dyn Fn(&Happening) + Send + Sync>;

/// The last happenings, and who is told of new ones.
#[derive(Default)]
pub(crate) struct Activity {
    observer: OnceLock<Observer>,
    recent: Mutex<VecDeque<Happening>>,
}

impl Activity {
    /// The first observer stays.
    pub(crate) fn observe(&self, observer: Observer) {
        let _ = self.observer.set(observer);
    }

    pub(crate) fn record(&self, mut happening: Happening) {
        if let What::FunctionFailed { error, .. } = &mut happening.what {
            shorten(error);
        }
        if let Some(observer) = self.observer.get() {
            observer(&happening);
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(happening);
    }

    /// The oldest first.
    pub(crate) fn recent(&self) -> Vec<Happening> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// What a function says of its failure may be megabytes, and is kept a while.
fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_and_no_more_than_that() {
        let activity = Activity::default();
        for bytes in 0..=REMEMBERED {
            activity.record(Happening::new(What::Pushed { bytes }));
        }
        let recent = activity.recent();
        assert_eq!(recent.len(), REMEMBERED);
        assert_eq!(recent[0].what, What::Pushed { bytes: 1 });
        assert_eq!(recent[REMEMBERED - 1].what, What::Pushed { bytes: REMEMBERED });
    }

    #[test]
    fn of_a_long_error_the_beginning_is_kept() {
        let activity = Activity::default();
        let (function, error) = ("chat".to_owned(), "é".repeat(100_000));
        activity.record(Happening::new(What::FunctionFailed { function: function.clone(), error }));
        let error = "é".repeat(SHOWN) + "…";
        assert_eq!(activity.recent()[0].what, What::FunctionFailed { function, error });
    }

    #[test]
    fn a_happening_is_one_flat_json_object() {
        let happening =
            Happening { at: 7, ..Happening::new(What::FunctionTimedOut { function: "chat".to_owned() }) };
        assert_eq!(
            serde_json::to_value(happening).unwrap(),
            serde_json::json!({"at": 7, "event": "function-timed-out", "function": "chat"})
        );
    }
}
