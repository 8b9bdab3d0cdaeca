//! What comes from a client by itself: messages, states and reports, as streams.
//!
//! Each stream has a queue of its own with a bound, and ends when the client is dropped. It does
//! not keep the client alive.

use alloc::collections::VecDeque;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::ServiceError;
use super::errors::{Invalid, MessageError};
use crate::{MessageId, Problem, Snapshot};

/// The messages that arrive, as values of type `T`: see [`Client::messages`](super::Client::messages).
#[must_use = "a stream brings nothing unless it is read"]
pub struct Messages<T> {
    queue: Queue<JsValue>,
    of: PhantomData<fn() -> T>,
}

/// The states that a client goes through: see [`Client::states`](super::Client::states).
#[must_use = "a stream brings nothing unless it is read"]
pub struct States(Queue<Snapshot>);

/// What a client has to tell beside messages and states: see
/// [`Client::reports`](super::Client::reports).
#[must_use = "a stream brings nothing unless it is read"]
pub struct Reports(Queue<Report>);

/// Something that an app may want to know of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Report {
    /// Something went wrong with the connection. [`Client::states`](super::Client::states) says
    /// what it does about it.
    Problem(Problem),
    /// API Gateway itself could not do something with a message.
    ServiceError(ServiceError),
    /// A text arrived that is not JSON. This is it.
    NotJson(JsValue),
    /// A binary frame arrived, as an `ArrayBuffer`.
    Binary(JsValue),
    /// The server closed with 1009. This message, which [`Sending::id`](super::Sending::id) names, was the largest
    /// that the socket had; nothing of its size is sent any more.
    TooBig(MessageId),
}

impl<T: DeserializeOwned> Stream for Messages<T> {
    type Item = Result<T, MessageError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.queue.poll_next(context).map(|next| {
            next.map(|next| match next {
                Next::Item(message) => serde_wasm_bindgen::from_value(message)
                    .map_err(|error| MessageError::Invalid(Invalid::because(&error))),
                Next::Missed(count) => Err(MessageError::Missed(count)),
            })
        })
    }
}

impl Stream for States {
    type Item = Snapshot;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_item(context)
    }
}

impl Stream for Reports {
    type Item = Report;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_item(context)
    }
}

/// Where a client puts what its streams bring. Dropping it ends them.
pub(super) struct Outlet<T>(RefCell<Vec<Weak<RefCell<Waiting<T>>>>>);

/// The reader's end.
struct Queue<T>(Rc<RefCell<Waiting<T>>>);

struct Waiting<T> {
    items: VecDeque<T>,
    /// How many items may wait.
    bound: usize,
    /// How many had to go since the last one that was read.
    missed: u64,
    /// Only messages with this action are wanted.
    action: Option<String>,
    reader: Option<Waker>,
    has_ended: bool,
}

enum Next<T> {
    Item(T),
    Missed(u64),
}

impl<T> Default for Outlet<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Outlet<T> {
    fn subscribe(&self, bound: usize, action: Option<String>) -> Queue<T> {
        let waiting = Waiting {
            items: VecDeque::new(),
            bound: bound.max(1),
            missed: 0,
            action,
            reader: None,
            has_ended: false,
        };
        let queue = Rc::new(RefCell::new(waiting));
        self.0.borrow_mut().push(Rc::downgrade(&queue));
        Queue(queue)
    }

    /// Gives every reader an item. Readers are woken with nothing borrowed.
    pub(super) fn put(&self, item: &T) {
        self.put_for(item, None);
    }

    /// Gives an item, a message with this `action`, to every reader that wants it.
    pub(super) fn put_for(&self, item: &T, action: Option<&str>) {
        self.0.borrow_mut().retain(|queue| queue.strong_count() > 0);
        let queues: Vec<_> = self.0.borrow().iter().filter_map(Weak::upgrade).collect();
        for queue in queues {
            let reader = queue.borrow_mut().put(item, action);
            wake(reader);
        }
    }
}

impl<T> Drop for Outlet<T> {
    fn drop(&mut self) {
        for queue in self.0.take().iter().filter_map(Weak::upgrade) {
            queue.borrow_mut().has_ended = true;
            let reader = queue.borrow_mut().reader.take();
            wake(reader);
        }
    }
}

fn wake(reader: Option<Waker>) {
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl<T: Clone> Waiting<T> {
    fn put(&mut self, item: &T, action: Option<&str>) -> Option<Waker> {
        if self.action.is_some() && self.action.as_deref() != action {
            return None;
        }
        if self.items.len() >= self.bound {
            self.items.pop_front();
            self.missed += 1;
        }
        self.items.push_back(item.clone());
        self.reader.take()
    }
}

impl<T> Waiting<T> {
    fn next(&mut self) -> Option<Next<T>> {
        // What had to go stood before what still waits.
        match core::mem::take(&mut self.missed) {
            0 => self.items.pop_front().map(Next::Item),
            missed => Some(Next::Missed(missed)),
        }
    }
}

impl<T> Queue<T> {
    fn poll_next(&self, context: &Context<'_>) -> Poll<Option<Next<T>>> {
        let mut waiting = self.0.borrow_mut();
        match waiting.next() {
            Some(next) => Poll::Ready(Some(next)),
            None if waiting.has_ended => Poll::Ready(None),
            None => {
                waiting.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// For those who only want to know what is true now.
    fn poll_item(&self, context: &Context<'_>) -> Poll<Option<T>> {
        loop {
            match self.poll_next(context) {
                Poll::Ready(Some(Next::Item(item))) => return Poll::Ready(Some(item)),
                Poll::Ready(Some(Next::Missed(_))) => {}
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// How many states or reports may wait in a stream; the oldest go.
const FEW: usize = 64;

impl Outlet<JsValue> {
    pub(super) fn messages<T>(&self, bound: usize, action: Option<String>) -> Messages<T> {
        Messages { queue: self.subscribe(bound, action), of: PhantomData }
    }
}

impl Outlet<Snapshot> {
    /// Begins with what is true now.
    pub(super) fn states(&self, present: Snapshot) -> States {
        let queue = self.subscribe(FEW, None);
        queue.0.borrow_mut().items.push_back(present);
        States(queue)
    }
}

impl Outlet<Report> {
    pub(super) fn reports(&self) -> Reports {
        Reports(self.subscribe(FEW, None))
    }
}
