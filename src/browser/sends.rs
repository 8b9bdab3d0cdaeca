//! What an app waits for: an open connection, the fate of a message, the reply to a request.

use alloc::rc::Weak;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_channel::oneshot;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::driver::Driver;
use super::errors::{Invalid, RequestError, SendError};
use crate::{Input, MessageId, Problem};

/// Settles when the client is connected, or has given up: see [`Client::open`](super::Client::open).
///
/// Dropping it changes nothing but that nobody waits.
pub struct Opening(pub(super) oneshot::Receiver<Result<(), Problem>>);

/// Settles when a message was handed to an open socket, or will not be:
/// see [`Client::send`](super::Client::send).
///
/// Dropping it changes nothing but that nobody waits; [`cancel`](Self::cancel) takes the message
/// back.
pub struct Sending {
    pub(super) id: MessageId,
    pub(super) driver: Weak<Driver>,
    pub(super) fate: oneshot::Receiver<Result<(), SendError>>,
}

/// Settles with the reply to a request: see [`Client::request`](super::Client::request).
///
/// Dropping it changes nothing but that nobody waits.
#[must_use = "whoever does not want a reply may as well send()"]
pub struct Requesting<R> {
    pub(super) reply: oneshot::Receiver<Result<JsValue, RequestError>>,
    pub(super) of: PhantomData<fn() -> R>,
}

impl Sending {
    /// By which reports name the message.
    #[must_use]
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// Takes the message back, if it still waits for a socket; this then settles with
    /// [`Problem::Cancelled`]. What has been handed to a socket cannot be called back.
    pub fn cancel(&self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.handle(Input::Cancel(self.id));
        }
    }
}

impl Future for Opening {
    type Output = Result<(), Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|settled| match settled {
            Ok(outcome) => outcome,
            Err(oneshot::Canceled) => Err(Problem::Closed),
        })
    }
}

impl Future for Sending {
    type Output = Result<(), SendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.fate).poll(context).map(|settled| match settled {
            Ok(fate) => fate,
            Err(oneshot::Canceled) => Err(SendError::Refused(Problem::Closed)),
        })
    }
}

impl<R: DeserializeOwned> Future for Requesting<R> {
    type Output = Result<R, RequestError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.reply).poll(context).map(|settled| match settled {
            Ok(Ok(reply)) => serde_wasm_bindgen::from_value(reply)
                .map_err(|error| RequestError::Invalid(Invalid::because(&error))),
            Ok(Err(error)) => Err(error),
            Err(oneshot::Canceled) => Err(RequestError::Refused(Problem::Closed)),
        })
    }
}
