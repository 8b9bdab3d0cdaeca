//! What a front end can be told of what goes wrong. [`Problem`] is what the machine says.

use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt;

use super::ServiceError;
use crate::Problem;

/// Why [`Builder::build`](super::Builder::build) made no client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The URL is none, or not one of `ws:` or `wss:`.
    InvalidUrl,
}

/// Why a token function has no token. The connection tries again after [`Failed`](Self::Failed),
/// and stays closed after [`Unauthorized`](Self::Unauthorized).
///
/// Not an [`Error`] itself, so that `?` makes [`Failed`](Self::Failed) out of any other. What that
/// one said is dropped: the text of a failed refresh may hold the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It could not be had this time.
    Failed,
    /// The user may not connect, and asking again will not change that.
    Unauthorized,
}

/// A value that serde could not make a message of, or a message that it could not make a value
/// of, in serde's words. Those may name what is in the message; nothing else is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub(super) String);

/// What a [`Messages`](super::Messages) stream brings in place of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// So many messages came before the next one and were dropped, since the stream was not read
    /// fast enough for its bound.
    Missed(u64),
    /// A message came that is not of the stream's type.
    Invalid(Invalid),
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// It could not be made into JSON.
    Invalid(Invalid),
    /// The client did not hand it to a socket.
    Refused(Problem),
}

/// Why a request has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The message could not be made into a JSON object, so it was not sent.
    NotAnObject(Invalid),
    /// The client did not hand the message to a socket: the server has not seen it.
    Refused(Problem),
    /// The message was handed to a socket, and no reply came. Whether the server has acted on it
    /// is not known.
    Unknown(Loss),
    /// A reply came that is not of the type that was asked for.
    Invalid(Invalid),
}

/// What became of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The socket that the request went out on is gone.
    SocketLost,
    /// It did not come in time.
    TimedOut,
}

impl<E: Error> From<E> for TokenError {
    fn from(_: E) -> Self {
        Self::Failed
    }
}

impl Invalid {
    pub(super) fn because(reason: &impl ToString) -> Self {
        Self(reason.to_string())
    }
}

impl From<Invalid> for SendError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Problem> for SendError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<Problem> for RequestError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explain())
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl => f.write_str("the URL cannot be opened: it has to begin with wss:// or ws://"),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missed(count) => {
                write!(f, "{count} messages came faster than they were read and were dropped")
            }
            Self::Invalid(invalid) => write!(f, "a message of another type: {invalid}"),
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => write!(f, "not to be sent as JSON: {invalid}"),
            Self::Refused(problem) => problem.fmt(f),
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject(invalid) => write!(f, "not to be sent as a JSON object: {invalid}"),
            Self::Refused(problem) => problem.fmt(f),
            Self::Unknown(loss) => write!(f, "{loss}; whether the server has acted on it is not known"),
            Self::Invalid(invalid) => write!(f, "a reply of another type: {invalid}"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SocketLost => "the socket was lost before a reply came",
            Self::TimedOut => "no reply came in time",
        })
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service says: {} (request {})", self.message, self.request_id)
    }
}

impl Error for Problem {}
impl Error for BuildError {}
impl Error for Invalid {}
impl Error for MessageError {}
impl Error for SendError {}
impl Error for RequestError {}
impl Error for Loss {}
impl Error for ServiceError {}
