//! What happens to a connection.

use crate::{Generation, Message, MessageId, Millis, PageEvent, TokenHistory};

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The app wants to be connected. Does nothing if it is connected or being connected.
    Open,
    /// The app wants the connection closed, and to stay closed.
    Close,
    /// The app wants a new socket, now, whatever there is.
    Reconnect,
    /// The app wants a new socket without a gap: the old one goes when the new one has proven
    /// itself.
    Rotate,
    /// The app sends a message.
    Send(Message),
    /// The app takes a message back, if it still waits.
    Cancel(MessageId),
    /// A message could not be handed to the socket of that generation: it is closing, or has more
    /// to send already than it should.
    NotTransmitted(Generation, Message),
    /// The greeting has been handed to that socket.
    Greeted(Generation),
    /// The app could not make a greeting.
    GreetingFailed(Generation),
    /// The app's token function gave a token (or said that none is needed).
    TokenReady(Generation, Token),
    /// The app's token function threw or rejected.
    TokenFailed(Generation),
    /// The app's token function said that the user may not connect.
    TokenDenied(Generation),
    /// The browser would not construct the socket.
    SocketRefused(Generation),
    /// The handshake succeeded.
    SocketOpened(Generation),
    /// A frame came on that socket at that time. May be told late, but before anything else is
    /// asked of the machine; see [`Connection::wants_news`](crate::Connection::wants_news).
    Received {
        /// The socket's.
        generation: Generation,
        /// When it came.
        at: Millis,
        /// Whether it answers a heartbeat.
        is_answer: bool,
    },
    /// The server says when to come back if the connection is lost.
    Hint(Hint),
    /// The socket closed, or its handshake failed; with the close code.
    SocketClosed(Generation, u16),
    /// Something happened to the page.
    Page(PageEvent),
    /// [`Connection::deadline`](crate::Connection::deadline) has come. Early, late or repeated, it
    /// does no harm.
    Timeout,
}

/// What the machine knows of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Token {
    /// How long it is still good for, in milliseconds, by its own `exp` and the wall clock; `None`
    /// if it does not say, 0 if it has expired.
    pub lives_ms: Option<u32>,
    /// What became of the very same token before.
    pub history: TokenHistory,
    /// The length of the URL that holds it, in characters.
    pub url_length: u32,
}

impl Token {
    /// Before any has come.
    pub(crate) const NONE: Self = Self { lives_ms: None, history: TokenHistory::New, url_length: 0 };
}

/// What a server asks of clients that it is about to lose: to come back after a while, and not
/// all at once. See PROTOCOL.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hint {
    /// How long to wait at least, in milliseconds.
    pub retry_after_ms: u32,
    /// Over how many milliseconds beyond that to spread.
    pub spread_ms: u32,
}
