//! One browser `WebSocket` with the closures that listen to it.

use alloc::rc::{Rc, Weak};

use js_sys::JsString;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::Inner;
use crate::Generation;

/// A socket that knows its generation. Dropping it stops listening and closes it.
pub(super) struct Socket {
    socket: WebSocket,
    generation: Generation,
    /// Kept as long as the socket may call them. One type for all three, so that the glue for
    /// it is there once.
    _closures: [Closure<dyn Fn(JsValue)>; 3],
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = WebSocket)]
    type TextSocket;

    // web-sys's own takes a &str, which would copy every message through wasm memory.
    #[wasm_bindgen(method, js_name = send, catch)]
    fn send_text(this: &TextSocket, text: &JsString) -> Result<(), JsValue>;
}

impl Socket {
    /// Constructs a socket; its handshake begins at once. Fails with the browser's own
    /// exception (`SyntaxError` for the URL, `SecurityError` for ws: on a page from https:).
    pub(super) fn open(url: &str, generation: Generation, inner: Weak<Inner>) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        let listen = |then: fn(&Rc<Inner>, Generation, JsValue)| {
            let inner = inner.clone();
            Closure::<dyn Fn(JsValue)>::new(move |event| {
                if let Some(inner) = inner.upgrade() {
                    then(&inner, generation, event);
                }
            })
        };
        let opened = listen(|inner, generation, _| inner.socket_opened(generation));
        let received = listen(|inner, _, event| {
            inner.frame_received(event.unchecked_into::<MessageEvent>().data());
        });
        let closed = listen(|inner, generation, event| {
            inner.socket_closed(generation, event.unchecked_into::<CloseEvent>().code());
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(received.as_ref().unchecked_ref()));
        // No `onerror`: browsers tell nothing in it, and a `close` event always follows.
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self { socket, generation, _closures: [opened, received, closed] })
    }

    pub(super) const fn generation(&self) -> Generation {
        self.generation
    }

    /// Hands `text` to the socket; `false` if the socket is closing, where the browser would
    /// take the text and lose it without a word.
    #[must_use = "a message that the socket did not take is still there to be sent"]
    pub(super) fn send(&self, text: &JsString) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
            && self.socket.unchecked_ref::<TextSocket>().send_text(text).is_ok()
    }

    /// Stops listening, then closes. Nothing more is heard of this socket.
    pub(super) fn close(&self, code: u16) {
        self.stop_listening();
        // Fails for a code that an app may not send, which the machine does not give.
        let _ = self.socket.close_with_code(code);
    }

    fn stop_listening(&self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A no-op on a socket that is closed or closing.
        self.close(crate::close::NORMAL);
    }
}
