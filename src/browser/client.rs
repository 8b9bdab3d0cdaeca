//! What an app holds: [`Client`].

use alloc::rc::Rc;
use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;
use core::num::NonZeroU32;
use core::time::Duration;

use futures_channel::oneshot;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::builder::{Builder, to_text, to_text_with_id};
use super::driver::Driver;
use super::errors::{RequestError, SendError};
use super::sends::{Opening, Requesting, Sending};
use super::streams::{Messages, Reports, States};
use crate::{Input, Message, MessageId, Snapshot, State};

/// A client: keeps a connection to one URL, whatever happens to its sockets.
///
/// A handle: clones are the same client. When the last one is dropped, its sockets are closed, its
/// timers and listeners removed, its streams end, and whatever still waits settles. Streams and
/// futures do not keep it alive; a task of yours that holds a clone does.
///
/// Every method may be called from anywhere, also from a token function or while a stream is
/// read.
#[derive(Clone)]
pub struct Client(pub(super) Rc<Driver>);

/// How a message is to be treated while it waits for a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// Messages of one key stand for the same thing, such as a cursor's place: while one waits, a
    /// later one takes its place, and the earlier one is refused with
    /// [`Problem::Superseded`](crate::Problem::Superseded). Default: stands for itself.
    pub key: Option<NonZeroU32>,
    /// How long the message may wait; then it is refused with
    /// [`Problem::Expired`](crate::Problem::Expired). Default: [`Config::max_queued_ms`](crate::Config::max_queued_ms),
    /// by which there is no limit.
    pub max_wait: Option<Duration>,
}

impl Client {
    /// A client for this URL, such as `wss://….execute-api.eu-central-1.amazonaws.com/prod`.
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder::new(url.into())
    }

    /// Connects, and stays connected until [`close`](Self::close) is called. Begins at once,
    /// whether or not the future is awaited.
    ///
    /// The future settles when a socket is open. It goes on waiting while the server is down,
    /// since the client goes on trying; [`states`](Self::states) tells how that goes.
    ///
    /// # Errors
    ///
    /// What ended the connection for good: [`Closed`](crate::Problem::Closed) by the app,
    /// [`Unauthorized`](crate::Problem::Unauthorized), [`ServerRefused`](crate::Problem::ServerRefused) with a
    /// final close code, [`UrlTooLong`](crate::Problem::UrlTooLong),
    /// [`SocketRefused`](crate::Problem::SocketRefused) by the browser,
    /// [`AttemptsExhausted`](crate::Problem::AttemptsExhausted).
    pub fn open(&self) -> Opening {
        Opening(self.0.open())
    }

    /// Closes the connection for good, or until [`open`](Self::open) is called again. What still
    /// waits to be sent is refused.
    pub fn close(&self) {
        self.0.handle(Input::Close);
    }

    /// Connects anew, now, whatever there is: a socket, a wait, nothing.
    pub fn reconnect(&self) {
        self.0.handle(Input::Reconnect);
    }

    /// Replaces the socket by a new one without a gap: the new one has to prove itself first, and
    /// the old one may still bring what is on its way. Does nothing unless connected.
    ///
    /// The client does so by itself before the service ends the socket.
    pub fn rotate(&self) {
        self.0.handle(Input::Rotate);
    }

    /// Sends a message, as JSON. Without an open socket it waits for one, within the limits of
    /// [`Config::max_queued_messages`](crate::Config::max_queued_messages) and its neighbours.
    ///
    /// The future says when it was handed to a socket, which is not to say that the server has it:
    /// for that, see [`request`](Self::request).
    ///
    /// # Errors
    ///
    /// [`SendError::Invalid`] for what serde or JSON has no form for; otherwise
    /// [`SendError::Refused`] and why: the client is [`Closed`](crate::Problem::Closed), the message
    /// [`MessageTooBig`](crate::Problem::MessageTooBig), the outbox is
    /// [full](crate::Problem::OutboxFull), [`Cancelled`](crate::Problem::Cancelled) by
    /// [`Sending::cancel`].
    pub fn send(&self, message: &(impl Serialize + ?Sized)) -> Sending {
        self.send_with(message, SendOptions::default())
    }

    /// [`send`](Self::send), with a say in how the message waits.
    pub fn send_with(&self, message: &(impl Serialize + ?Sized), options: SendOptions) -> Sending {
        let id = self.0.next_id();
        let max_wait = options.max_wait.map(millis).or(self.usual_wait());
        let fate = match to_text(message) {
            Ok(text) => {
                let key = options.key.map_or(0, NonZeroU32::get);
                self.0.send(self.known(id, &text, key, max_wait), text)
            }
            Err(invalid) => settled(Err(SendError::Invalid(invalid))),
        };
        Sending { id, driver: Rc::downgrade(&self.0), fate }
    }

    /// Sends a message and waits for the reply to it: the next message whose `id` is the same. The
    /// message has to be an object; its member `id` is set by the client. The reply does not come
    /// up in [`messages`](Self::messages).
    ///
    /// ```no_run
    /// # use core::time::Duration;
    /// # use everwire::browser::{Client, RequestError};
    /// # async fn example(client: Client) -> Result<(), RequestError> {
    /// #[derive(serde::Serialize)]
    /// struct MarkRead { action: &'static str, notification: u32 }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Unread { count: u32 }
    ///
    /// let message = MarkRead { action: "markRead", notification: 7 };
    /// let unread: Unread = client.request(&message, Duration::from_secs(5)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RequestError`] tells what surely did not happen from what is not known. It always comes:
    /// at the latest when `timeout` has passed.
    pub fn request<R: DeserializeOwned>(
        &self,
        message: &(impl Serialize + ?Sized),
        timeout: Duration,
    ) -> Requesting<R> {
        let id = self.0.next_id();
        let timeout_ms = millis(timeout);
        let reply = match to_text_with_id(message, &self.0.request_name(id)) {
            Ok(text) => self.0.request(self.known(id, &text, 0, Some(timeout_ms)), text, timeout_ms),
            Err(invalid) => settled(Err(RequestError::NotAnObject(invalid))),
        };
        Requesting { reply, of: PhantomData }
    }

    /// The messages that arrive from now on, in order, as values of type `T`: for every stream all
    /// of them. Ask for it before [`open`](Self::open), so as not to miss the first.
    ///
    /// A message that is not a `T` comes as [`MessageError::Invalid`](super::MessageError::Invalid). If more wait than
    /// [`Builder::message_bound`] says, the oldest are dropped, and their number comes in their
    /// place as [`MessageError::Missed`](super::MessageError::Missed).
    pub fn messages<T: DeserializeOwned>(&self) -> Messages<T> {
        self.0.messages.messages(self.0.setup.message_bound, None)
    }

    /// [`messages`](Self::messages), but only those whose member `action` is this.
    pub fn messages_of<T: DeserializeOwned>(&self, action: impl Into<String>) -> Messages<T> {
        self.0.messages.messages(self.0.setup.message_bound, Some(action.into()))
    }

    /// The states that the client goes through, beginning with the present one. Whoever does not
    /// read for long finds the last 64.
    pub fn states(&self) -> States {
        self.0.states.states(self.state())
    }

    /// Problems, errors of the service, and frames that are no messages. Whoever does not read for
    /// long finds the last 64.
    pub fn reports(&self) -> Reports {
        self.0.reports.reports()
    }

    /// Where the connection stands, and why. `Closed` while nothing has ever happened.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.0.snapshot()
    }

    /// Whether a socket is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state().state, State::Open(_))
    }

    /// How long it is until the next attempt, if the client waits for one: for a countdown.
    #[must_use]
    pub fn retry_in(&self) -> Option<Duration> {
        match self.state().state {
            State::Waiting { retry_at, .. } => {
                Some(Duration::from_millis(self.0.clock.now().until(retry_at).into()))
            }
            State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Open(_) => None,
        }
    }

    /// Bytes of messages that wait for a socket.
    #[must_use]
    pub fn queued_bytes(&self) -> u64 {
        self.0.connection.borrow().outbox().bytes()
    }

    /// Bytes that have been handed to a socket and have not left the browser.
    #[must_use]
    pub fn buffered_bytes(&self) -> u64 {
        self.0.buffered_bytes()
    }

    fn usual_wait(&self) -> Option<u32> {
        Some(self.0.setup.config.max_queued_ms).filter(|ms| *ms > 0)
    }

    /// What the machine knows of a message.
    fn known(&self, id: MessageId, text: &str, key: u32, max_wait_ms: Option<u32>) -> Message {
        let expires_at = max_wait_ms.map(|ms| self.0.clock.now().plus(ms));
        Message { id, bytes: u32::try_from(text.len()).unwrap_or(u32::MAX), key, expires_at }
    }
}

/// Clones of one client are equal, and no others.
impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Client {}

/// It shows no URL, since that may hold a secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("state", &self.state().state).finish_non_exhaustive()
    }
}

/// Serde's refusal, as a future has it.
fn settled<T>(outcome: T) -> oneshot::Receiver<T> {
    let (settle, settled) = oneshot::channel();
    // Its receiver is here.
    let _ = settle.send(outcome);
    settled
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
