//! Faults on purpose: what can be made to go wrong, and for whom.
//!
//! | fault        | a handshake                          | an open socket                                  | a post to it        |
//! |--------------|--------------------------------------|-------------------------------------------------|---------------------|
//! | `refuse`     | is answered with `status`            | –                                               | –                   |
//! | `deny`       | is answered with 403                 | –                                               | –                   |
//! | `delay`      | is answered `ms` later               | each frame comes `ms` later, either way         | is accepted at once |
//! | `black-hole` | is never answered                    | nothing comes or goes                           | is accepted, lost   |
//! | `throttle`   | is answered with 429                 | the client's next message closes it with 1008   | is answered with 429|
//! | `drop`       | TCP is cut (with `next`)             | TCP is cut, now                                 | –                   |
//! | `close`      | is let in, then closed (with `next`) | is closed with `code` and `reason`, now         | –                   |
//!
//! For whom: one `connection` (only its socket, no handshake); one `user` (handshakes and sockets); the `next` N
//! handshakes, anybody's or one user's (no open socket); or, if none is named, everybody.
//!
//! When: what names no user happens to a handshake before any function is asked. A user is known only once the
//! authorizer has answered: what names one happens then, before `$connect`. Of several faults the one asked for first
//! happens; of several delays the longest.
//!
//! How long: `drop` and `close` without `next` happen once, to the sockets that are open. All others stand until they
//! are ended, their `next` is used up, or their connection has ended. Once a delay has ended, frames that wait go on
//! at once. Once a black hole has ended the socket works again, but what has come meanwhile is lost in both
//! directions; pings too, but for a pong that may come late.
//!
//! A black hole looks as a dead peer looks from AWS: posts are accepted until the connection is idle or too old. When
//! the connection ends, by those limits or by `close`, the client is not told before the hole has ended. Only `drop`
//! and the gateway's own end cut it. A swallowed handshake is lost for good: its client has to give up.
//!
//! A client's ping, pong or close that is delayed holds up what comes after it; a ping and its pong are delayed once.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::event::Connection;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub(crate) enum Fault {
    Refuse {
        /// The HTTP status of the answer.
        status: u16,
    },
    Deny,
    Delay {
        /// In milliseconds.
        ms: u64,
    },
    Drop,
    BlackHole,
    Close {
        code: u16,
        reason: String,
    },
    Throttle,
}

impl Fault {
    /// Its name in requests and events.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Refuse { .. } => "refuse",
            Self::Deny => "deny",
            Self::Delay { .. } => "delay",
            Self::Drop => "drop",
            Self::BlackHole => "black-hole",
            Self::Close { .. } => "close",
            Self::Throttle => "throttle",
        }
    }
}

/// For whom it goes wrong; everybody, if nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// How many handshakes are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<u32>,
}

impl Target {
    /// Whether an open connection is meant.
    pub(crate) fn is(&self, connection: &Connection) -> bool {
        self.next.is_none()
            && self.connection.as_ref().is_none_or(|id| *id == connection.id)
            && self.user.as_ref().is_none_or(|user| Some(user.as_str()) == connection.user())
    }

    /// Whether handshakes of this user are meant by name, or those of everybody, if none is given.
    fn is_handshake(&self, user: Option<&str>) -> bool {
        self.connection.is_none() && self.user.as_deref() == user
    }
}

/// A fault that stands until it is ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) fault: Fault,
    #[serde(flatten)]
    pub(crate) target: Target,
}

/// Ends the faults that name a connection, when it is dropped.
#[derive(Debug)]
pub(crate) struct EndsWith {
    faults: Faults,
    connection_id: String,
}

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.faults.end(|standing| standing.target.connection.as_ref() == Some(&self.connection_id));
    }
}

/// What happens to one handshake.
#[derive(Debug, Default)]
pub(crate) struct Met {
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Fault>,
}

/// The standing faults. Whoever waits because of one is told when it ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Arc<watch::Sender<List>>);

#[derive(Debug, Default)]
struct List {
    standing: Vec<Standing>,
    last_id: u64,
}

impl Faults {
    /// Has a fault stand from now on.
    pub(crate) fn add(&self, fault: Fault, target: Target) -> Standing {
        let mut standing = Standing { id: 0, fault, target };
        self.0.send_modify(|list| {
            list.last_id += 1;
            standing.id = list.last_id;
            list.standing.push(standing.clone());
        });
        standing
    }

    /// Whoever holds this decides how long faults of this connection stand.
    pub(crate) fn end_with(&self, connection_id: &str) -> EndsWith {
        EndsWith { faults: self.clone(), connection_id: connection_id.to_owned() }
    }

    /// The oldest first.
    pub(crate) fn all(&self) -> Vec<Standing> {
        self.0.borrow().standing.clone()
    }

    /// Ends those that are meant, and gives them.
    pub(crate) fn end(&self, mut is_meant: impl FnMut(&Standing) -> bool) -> Vec<Standing> {
        let mut ended = Vec::new();
        self.0.send_if_modified(|list| {
            ended = list.standing.extract_if(.., |standing| is_meant(standing)).collect();
            !ended.is_empty()
        });
        ended
    }

    /// What happens to a handshake whose user is not known yet; or, once it is, what happens to it because of that.
    pub(crate) fn meet(&self, user: Option<&str>) -> Met {
        let mut met = Met::default();
        self.0.send_if_modified(|list| {
            let mut is_counted = false;
            for Standing { fault, target, .. } in &mut list.standing {
                if !target.is_handshake(user) {
                    continue;
                }
                match fault {
                    Fault::Delay { ms } => met.delay = met.delay.max(Duration::from_millis(*ms)),
                    fault if met.fault.is_none() => met.fault = Some(fault.clone()),
                    _ => continue,
                }
                if let Some(next) = &mut target.next {
                    *next -= 1;
                    is_counted = true;
                }
            }
            list.standing.retain(|standing| standing.target.next != Some(0));
            is_counted
        });
        met
    }

    /// Whether a client's message, or a post to it, is one too many.
    pub(crate) fn throttles(&self, connection: &Connection) -> bool {
        self.0.borrow().has(&Fault::Throttle, connection)
    }

    /// Whether a socket is in a black hole.
    pub(crate) fn swallows(&self, connection: &Connection) -> bool {
        self.0.borrow().has(&Fault::BlackHole, connection)
    }

    /// Ends when the socket is in no black hole.
    pub(crate) async fn until_reachable(&self, connection: &Connection) {
        let is_reachable = |list: &List| !list.has(&Fault::BlackHole, connection);
        // Boxed, here and below: faults are rare, and every idle socket would hold the room for one. The sender is ours:
        // it outlives this.
        let _ = Box::pin(self.0.subscribe().wait_for(is_reachable)).await;
    }

    /// Ends when what came at `since` has been delayed enough: at once if nothing delays it.
    pub(crate) async fn delay(&self, connection: &Connection, since: Instant) {
        if self.0.borrow().delay_of(connection).is_some() {
            Box::pin(self.wait_out(connection, since)).await;
        }
    }

    async fn wait_out(&self, connection: &Connection, since: Instant) {
        let mut changes = self.0.subscribe();
        loop {
            let Some(delay) = changes.borrow_and_update().delay_of(connection) else { return };
            tokio::select! {
                () = tokio::time::sleep_until(since + delay) => return,
                _ = changes.changed() => {}
            }
        }
    }
}

impl List {
    fn of<'a>(&'a self, connection: &'a Connection) -> impl Iterator<Item = &'a Fault> {
        self.standing.iter().filter(|standing| standing.target.is(connection)).map(|standing| &standing.fault)
    }

    fn has(&self, fault: &Fault, connection: &Connection) -> bool {
        self.of(connection).any(|standing| standing == fault)
    }

    fn delay_of(&self, connection: &Connection) -> Option<Duration> {
        let delay = |fault: &Fault| match fault {
            Fault::Delay { ms } => Some(Duration::from_millis(*ms)),
            _ => None,
        };
        self.of(connection).filter_map(delay).max()
    }
}
