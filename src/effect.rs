//! What is to be done about what happened to a connection.

use alloc::vec::Vec;

use crate::{Generation, Message, MessageId, Millis, Problem, Snapshot, close};

/// What is to be done, in order, after [`Connection::handle`](crate::Connection::handle) has
/// returned.
///
/// Those that concern sockets can be done at once. Those that call the app ([`RequestToken`],
/// [`Greet`], [`Refuse`], [`Quarantine`], [`Announce`], [`Report`]) may find it calling the
/// machine back, and are best kept in a queue.
///
/// [`RequestToken`]: Self::RequestToken
/// [`Greet`]: Self::Greet
/// [`Refuse`]: Self::Refuse
/// [`Quarantine`]: Self::Quarantine
/// [`Announce`]: Self::Announce
/// [`Report`]: Self::Report
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Call the app's token function; answer with `TokenReady`, `TokenFailed` or `TokenDenied`.
    RequestToken {
        /// The attempt's.
        generation: Generation,
        /// Whether a token from a cache will not do: the last one is suspected of being the reason
        /// of a failure, or is about to expire.
        is_refresh: bool,
    },
    /// Construct a socket with the token that came; answer with `SocketOpened`, `SocketClosed` or
    /// `SocketRefused`.
    OpenSocket(Generation),
    /// Stop listening to that socket, then close it with this code. Nobody waits for its `close`.
    CloseSocket(Generation, u16),
    /// Ask the app for its greeting and hand it to that socket; answer with `Greeted` or
    /// `GreetingFailed`.
    Greet(Generation),
    /// Send a heartbeat on that socket.
    Probe(Generation),
    /// Hand the message to that socket.
    Transmit(Generation, Message),
    /// Forget the message and tell its sender why.
    Refuse(MessageId, Problem),
    /// Tell the app, and the message's sender if that still wants to know, that this message was
    /// too big for the server and will not be tried again.
    Quarantine(MessageId),
    /// Tell the app that the connection's state is now this.
    Announce(Snapshot),
    /// Tell the app of a problem.
    Report(Problem),
    /// Settle the app's wait for `open`: connected, or given up because of this. To be done before
    /// anything else that is still to be done: an `open` that a listener calls meanwhile waits
    /// for something new.
    Settle(Result<(), Problem>),
}

/// The effects of one input, in the order in which to run them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(Vec<Effect>);

impl Effects {
    // Not inlined: the machine pushes in some fifty places, and growing a list is code that the
    // browser has to download each time it is repeated.
    #[inline(never)]
    pub(crate) fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// The effects as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Effect] {
        &self.0
    }
}

impl IntoIterator for Effects {
    type Item = Effect;
    type IntoIter = alloc::vec::IntoIter<Effect>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// One call of [`Connection::handle`](crate::Connection::handle): when it is, and what is to be done so far.
pub(crate) struct Turn {
    pub(crate) now: Millis,
    pub(crate) effects: Effects,
}

// Not inlined, as `Effects::push`: what is pushed in many places is put together in one.
impl Turn {
    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    #[inline(never)]
    pub(crate) fn report(&mut self, problem: Problem) {
        self.push(Effect::Report(problem));
    }

    #[inline(never)]
    pub(crate) fn refuse(&mut self, id: MessageId, problem: Problem) {
        self.push(Effect::Refuse(id, problem));
    }

    #[inline(never)]
    pub(crate) fn close_socket(&mut self, generation: Generation) {
        self.push(Effect::CloseSocket(generation, close::NORMAL));
    }
}
