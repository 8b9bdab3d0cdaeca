//! One post: its time limit, its tries, and what its answer means.

use std::time::Duration;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use hyper_util::client::legacy::Error as HttpError;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::clients::Clients;
use super::pace::{Pace, backoff};
use super::{Credentials, Endpoint, Message, PostError, Reason};
use crate::causes;
use crate::store::Connection;

/// How often a throttled post is tried, if the time allows.
const TRIES: u32 = 5;

#[derive(Debug)]
pub(crate) struct Poster {
    endpoint: Endpoint,
    clients: Clients,
    pace: Pace,
    timeout: Duration,
}

/// What one try has led to.
enum Tried {
    Done(Result<(), PostError>),
    /// No answer came. Worth a second try: Lambda freezes a function with its connections open, and the one that is
    /// used first after the thaw has often died. Where something was sent the message may have arrived: only one whose
    /// mark tells is sent again.
    Broken {
        error: PostError,
        is_sent: bool,
    },
    /// 429: whether because of all posts together, or of this client, which does not read what it gets.
    Throttled {
        all: bool,
    },
}

impl Poster {
    pub(crate) fn new(endpoint: Endpoint, credentials: Option<Credentials>, timeout: Duration) -> Self {
        Self { endpoint, clients: Clients::new(credentials), pace: Pace::default(), timeout }
    }

    pub(crate) async fn post(&self, connection: &Connection, message: Message<'_>) -> Result<(), PostError> {
        let deadline = Instant::now() + self.timeout;
        let endpoint = self.endpoint.of(connection)?;
        let client = timeout_at(deadline, self.clients.get(&endpoint)).await.map_err(|_| self.timed_out())?;
        let (mut throttled, mut broken) = (0, false);
        loop {
            if let Some(then) = self.pace.resume_at() {
                self.wait(then, deadline, throttled).await?;
            }
            let tried = timeout_at(deadline, attempt(&client, &connection.connection_id, message.text)).await;
            let all = match tried.map_err(|_| self.timed_out())? {
                Tried::Done(result) => return result,
                Tried::Broken { error, is_sent } if broken || (is_sent && !message.is_marked) => {
                    return Err(error);
                }
                Tried::Broken { .. } => {
                    broken = true;
                    continue;
                }
                Tried::Throttled { all } => all,
            };
            throttled += 1;
            let then = Instant::now() + backoff(throttled);
            if all {
                self.pace.pause_until(then);
            }
            if throttled == TRIES {
                return Err(given_up(throttled));
            }
            self.wait(then, deadline, throttled).await?;
        }
    }

    /// Waits, unless there would be no time left for another try.
    async fn wait(&self, then: Instant, deadline: Instant, throttled: u32) -> Result<(), PostError> {
        if then >= deadline {
            return Err(given_up(throttled));
        }
        sleep_until(then).await;
        Ok(())
    }

    fn timed_out(&self) -> PostError {
        PostError::Failed(Reason::TimedOut, format!("/@connections did not answer in {:?}", self.timeout))
    }
}

fn given_up(throttled: u32) -> PostError {
    let text = format!("/@connections is throttled (429), {throttled} times for this connection");
    PostError::Failed(Reason::Throttled, text)
}

async fn attempt(client: &Client, connection_id: &str, message: &str) -> Tried {
    let post = client.post_to_connection().connection_id(connection_id).data(Blob::new(message));
    let Err(error) = post.send().await else { return Tried::Done(Ok(())) };
    let failed = |reason, text: String| Tried::Done(Err(PostError::Failed(reason, text)));
    // The status decides, not the SDK's error type: that hangs on the header `x-amzn-ErrorType`, which proxies and
    // some emulators do not send.
    match error.raw_response().map(|answer| answer.status().as_u16()) {
        Some(410) => Tried::Done(Err(PostError::Gone)),
        // `[O]`: one slow client gets this text; its own trouble must not slow down the others.
        Some(429) => {
            Tried::Throttled { all: !error.message().unwrap_or_default().contains("client side buffer") }
        }
        Some(403) => failed(Reason::Forbidden, format!("/@connections answered 403: {}", said(&error))),
        Some(413) => {
            failed(Reason::TooLarge, "/@connections answered 413: the message is too large".to_owned())
        }
        Some(status) if !(200..300).contains(&status) => {
            failed(Reason::Refused, format!("/@connections answered {status}"))
        }
        _ => match &error {
            SdkError::TimeoutError(_) => failed(Reason::TimedOut, with_causes(&error)),
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
                let is_sent = !is_unconnected(&error);
                Tried::Broken { error: PostError::Failed(Reason::Unreachable, with_causes(&error)), is_sent }
            }
            _ => failed(Reason::Unreachable, with_causes(&error)),
        },
    }
}

/// Whether there was not even a connection to send anything over.
fn is_unconnected(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| cause.downcast_ref().is_some_and(HttpError::is_connect))
}

/// What API Gateway has to say. A signature that does not fit makes it quote the whole request: cut.
fn said<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    const CHARS: usize = 100;
    let text = error.message().unwrap_or("may the role manage connections?");
    text.lines().next().unwrap_or_default().chars().take(CHARS).collect()
}

/// The SDK's own text stops at "dispatch failure".
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    async fn is_sent(port: u16) -> bool {
        let endpoint = format!("http://127.0.0.1:{port}/dev").parse().unwrap();
        match attempt(&Clients::new(None).get(&endpoint).await, "a", "1").await {
            Tried::Broken { is_sent, .. } => is_sent,
            _ => panic!("it is not broken"),
        }
    }

    #[tokio::test]
    async fn a_connection_that_is_refused_has_sent_nothing_and_one_that_breaks_may_have() {
        // Nothing listens on port 1.
        assert!(!is_sent(1).await);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            assert!(socket.read(&mut [0; 4096]).await.unwrap() > 0);
        };
        assert!(tokio::join!(is_sent(port), server).0);
    }
}
