//! One browser `WebSocket` with the closures that listen to it.

use alloc::rc::{Rc, Weak};
use core::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use super::driver::Driver;
use super::task::Task;
use crate::{Generation, Millis};

/// A socket that knows its generation. Dropping it stops listening and closes it.
pub(super) struct Socket {
    socket: WebSocket,
    generation: Generation,
    /// When the last frame came of which the machine has not been told, and whether an answer to
    /// a heartbeat was among them.
    news: Cell<Option<(Millis, bool)>>,
    /// The app's greeting, while it is being made.
    pub(super) greeting: RefCell<Option<Task>>,
    /// Kept as long as the socket may call them.
    _closures: [Closure<dyn Fn(JsValue)>; 3],
}

impl Socket {
    /// Constructs a socket; its handshake begins at once. Fails with the browser's own
    /// exception (`SyntaxError` for the URL, `SecurityError` for ws: on a page from https:).
    pub(super) fn open(url: &str, generation: Generation, driver: &Weak<Driver>) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        // Else binary frames come as blobs, which say what they hold only after a while.
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listen = |then: fn(&Rc<Driver>, Generation, JsValue)| {
            let driver = driver.clone();
            Closure::<dyn Fn(JsValue)>::new(move |event| {
                if let Some(driver) = driver.upgrade() {
                    then(&driver, generation, event);
                }
            })
        };
        let opened = listen(|driver, generation, _| driver.socket_opened(generation));
        let received = listen(|driver, generation, event| {
            driver.frame_received(generation, event.unchecked_into::<MessageEvent>().data());
        });
        let closed = listen(|driver, generation, event| {
            let event = event.unchecked_into::<CloseEvent>();
            driver.socket_closed(generation, event.code(), &event.reason());
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(received.as_ref().unchecked_ref()));
        // No `onerror`: browsers tell nothing in it, and a `close` event always follows.
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self {
            socket,
            generation,
            news: Cell::new(None),
            greeting: RefCell::default(),
            _closures: [opened, received, closed],
        })
    }

    pub(super) const fn generation(&self) -> Generation {
        self.generation
    }

    /// Notes that a frame came.
    pub(super) fn heard(&self, at: Millis, is_answer: bool) {
        let had_answer = self.news.get().is_some_and(|(_, is_answer)| is_answer);
        self.news.set(Some((at, is_answer || had_answer)));
    }

    /// What the machine has not been told yet.
    pub(super) fn take_news(&self) -> Option<(Millis, bool)> {
        self.news.take()
    }

    /// Hands `text` to the socket. `false` if the socket is closing, where the browser would take
    /// the text and lose it without a word, or has more than `high_water` bytes to send already.
    #[must_use = "a message that the socket did not take is still there to be sent"]
    pub(super) fn send(&self, text: &str, high_water: u32) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
            && self.socket.buffered_amount() <= high_water
            && self.socket.send_with_str(text).is_ok()
    }

    /// Bytes that have been handed to the socket and have not left yet.
    pub(super) fn buffered_bytes(&self) -> u32 {
        self.socket.buffered_amount()
    }

    /// Stops listening, then closes. Nothing more is heard of this socket.
    pub(super) fn close(&self, code: u16) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Fails for a code that an app may not send, which the machine does not give.
        let _ = self.socket.close_with_code(code);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A no-op on a socket that is closed or closing.
        self.close(crate::close::NORMAL);
    }
}
