//! The open sockets by connection id, and what ends with each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Utf8Bytes};
use tokio::runtime;
use tokio::sync::SetOnce;
use tokio::time::Instant;

use crate::activity::{Happening, What};
use crate::event::{self, Connection};
use crate::faults::EndsWith;
use crate::gateway::Shared;
use crate::inbox::Inbox;
use crate::outgoing::{Outgoing, Unsent};
use crate::{Gateway, id, redaction};

/// An open socket, for everybody but the task that reads and writes it.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) connection: Connection,
    /// The client's messages, until functions have them.
    pub(crate) inbox: Inbox,
    /// Messages for the client. Closed by who deletes the connection: the socket ends once all are sent.
    pub(crate) outgoing: Outgoing,
    /// Ends the socket at once. Beside the queue and not in it, because a socket whose queue is full can be ended too.
    pub(crate) ended: SetOnce<End>,
    opened: Instant,
    /// Milliseconds after `opened`: people's clocks are set, and nobody is idle for that.
    last_active_ms: AtomicU64,
}

/// How a socket is ended at once.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// Without a close frame.
    Cut,
    /// With this one.
    Close(CloseFrame),
}

impl Socket {
    /// Queues a message for the client.
    pub(crate) fn send(&self, message: Utf8Bytes) -> Result<(), Unsent> {
        self.outgoing.put(message)?;
        self.mark_active();
        Ok(())
    }

    /// Ends the socket at once; the first end stays.
    pub(crate) fn end(&self, end: End) {
        let _ = self.ended.set(end);
    }

    /// Something was sent or received now.
    pub(crate) fn mark_active(&self) {
        self.last_active_ms.store(self.age_ms(), Ordering::Relaxed);
    }

    /// How long nothing was sent or received.
    pub(crate) fn idle_for(&self) -> Duration {
        Duration::from_millis(self.age_ms().saturating_sub(self.last_active_ms.load(Ordering::Relaxed)))
    }

    /// Milliseconds since 1970.
    pub(crate) fn last_active_at(&self) -> i64 {
        self.connection.connected_at.saturating_add_unsigned(self.last_active_ms.load(Ordering::Relaxed))
    }

    /// How long it has been open.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// The same in milliseconds.
    fn age_ms(&self) -> u64 {
        u64::try_from(self.age().as_millis()).unwrap_or(u64::MAX)
    }
}

/// All open sockets.
///
/// A `std::sync::Mutex`, because it is held for a look-up only and never across an await.
#[derive(Debug, Default)]
pub(crate) struct Sockets(Mutex<HashMap<String, Arc<Socket>>>);

impl Sockets {
    pub(crate) fn get(&self, connection_id: &str) -> Option<Arc<Socket>> {
        self.lock().get(connection_id).cloned()
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Socket>> {
        let mut sockets: Vec<_> = self.lock().values().cloned().collect();
        sockets.sort_by_key(|socket| socket.connection.connected_at);
        sockets
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Socket>>> {
        // A map stays whole when somebody panics between two calls of its methods.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The life of a socket from `$connect`'s yes on. Its drop is the one place where `$disconnect` is called, so
/// whatever happens, to the client, the handshake or the task, a connection that was connected is disconnected.
pub(crate) struct Session {
    pub(crate) gateway: Gateway,
    pub(crate) socket: Arc<Socket>,
    /// What `$disconnect` is told: code and reason.
    pub(crate) ending: (u16, String),
    /// The faults that name this connection stand until this is dropped: with the session, unless who runs the socket
    /// takes it out, for them to hold up its last frames too.
    pub(crate) faults: Option<EndsWith>,
    runtime: runtime::Handle,
}

impl Session {
    /// Makes the connection known to `/@connections`. That is before the client has its 101: a client that knows it
    /// is connected can be posted to.
    pub(crate) fn begin(gateway: Gateway, connection: Connection) -> Self {
        let socket = Arc::new(Socket {
            connection,
            inbox: Inbox::default(),
            outgoing: Outgoing::default(),
            ended: SetOnce::new(),
            opened: Instant::now(),
            last_active_ms: AtomicU64::new(0),
        });
        let faults = Some(gateway.0.faults.end_with(&socket.connection.id));
        gateway.0.sockets.lock().insert(socket.connection.id.clone(), Arc::clone(&socket));
        gateway.0.activity.record(Happening::of(&socket.connection, What::Connected));
        // Undocumented [U]: 1006 with an empty reason for a client that just vanished, which is what a session ends
        // with unless somebody says otherwise.
        let (ending, runtime) = ((1006, String::new()), runtime::Handle::current());
        Self { gateway, socket, ending, faults, runtime }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let connection = &self.socket.connection;
        // Later posts find the connection gone.
        self.socket.outgoing.close();
        let Shared { address, api, activity, sockets, tasks, .. } = &*self.gateway.0;
        sockets.lock().remove(&connection.id);
        let (code, reason) = std::mem::take(&mut self.ending);
        let (shown, lasted_ms) = (redaction::hide_jwts(&reason), self.socket.age_ms());
        let what = What::Disconnected { code, reason: shown, lasted_ms };
        activity.record(Happening::of(connection, what));
        if let Some(route) = api.routes.get("$disconnect") {
            let event = event::disconnect(address, connection, &id::request(), code, reason);
            let (gateway, socket) = (self.gateway.clone(), Arc::clone(&self.socket));
            let function = route.function.clone();
            // Nobody is left to tell how it went: `invoke` records failures.
            let disconnecting =
                async move { drop(gateway.invoke(&socket.connection, &function, event).await) };
            tasks.spawn_on(disconnecting, &self.runtime);
        }
    }
}
