//! Requests that wait for a reply.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::RefCell;

use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;

use super::errors::{Loss, RequestError};
use crate::{Generation, MessageId};

/// All of one client. What still waits when it is dropped is told the truth.
#[derive(Default)]
pub(super) struct Requests(RefCell<BTreeMap<MessageId, Request>>);

struct Request {
    reply: oneshot::Sender<Result<JsValue, RequestError>>,
    /// The socket that it went out on, if it has.
    sent_on: Option<Generation>,
    _timeout: Timeout,
}

impl Requests {
    pub(super) fn add(
        &self,
        id: MessageId,
        reply: oneshot::Sender<Result<JsValue, RequestError>>,
        timeout: Timeout,
    ) {
        self.0.borrow_mut().insert(id, Request { reply, sent_on: None, _timeout: timeout });
    }

    /// Notes that a message has gone out, if it is a request.
    pub(super) fn sent(&self, id: MessageId, generation: Generation) {
        if let Some(request) = self.0.borrow_mut().get_mut(&id) {
            request.sent_on = Some(generation);
        }
    }

    /// Whether the request waits for its reply, and not for a socket.
    pub(super) fn is_sent(&self, id: MessageId) -> bool {
        self.0.borrow().get(&id).is_some_and(|request| request.sent_on.is_some())
    }

    /// Settles a request; `false` if no such one waits.
    pub(super) fn settle(&self, id: MessageId, outcome: Result<JsValue, RequestError>) -> bool {
        let request = self.0.borrow_mut().remove(&id);
        request.map(|request| request.reply.send(outcome)).is_some()
    }

    /// A socket is gone: no reply can come on it any more.
    pub(super) fn lose(&self, generation: Generation) {
        self.lose_where(|sent_on| sent_on == generation);
    }

    fn lose_where(&self, is_lost: impl Fn(Generation) -> bool) {
        let lost: Vec<_> = {
            let requests = self.0.borrow();
            let lost = requests.iter().filter(|(_, request)| request.sent_on.is_some_and(&is_lost));
            lost.map(|(id, _)| *id).collect()
        };
        for id in lost {
            self.settle(id, Err(RequestError::Unknown(Loss::SocketLost)));
        }
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        self.lose_where(|_| true);
    }
}
