//! The one timer of a connection.

use core::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::Millis;

/// A timer with one closure for its whole life. Dropping it clears it.
pub(super) struct Timer {
    armed: Cell<Option<(i32, Millis)>>,
    closure: Closure<dyn Fn()>,
}

#[wasm_bindgen]
extern "C" {
    // Of the global object, not of `Window`: a worker has them too.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &js_sys::Function, ms: i32) -> i32;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: i32);
}

impl Timer {
    pub(super) fn new(fire: impl Fn() + 'static) -> Self {
        Self { armed: Cell::new(None), closure: Closure::new(fire) }
    }

    /// Says that the closure has been called, so that its identifier is not cleared later: the
    /// browser may have given it to somebody else by then.
    pub(super) fn fired(&self) {
        self.armed.set(None);
    }

    /// Fires at `due`, or never, in place of whatever was armed before.
    pub(super) fn arm(&self, due: Option<Millis>, now: Millis) {
        // Most inputs leave the deadline as it is, and the browser need not hear of it.
        if self.armed.get().map(|(_, due)| due) == due {
            return;
        }
        self.clear();
        if let Some(due) = due {
            // A greater number than an i32 holds would fire at once. Too early does no harm.
            let ms = i32::try_from(now.until(due)).unwrap_or(i32::MAX);
            self.armed.set(Some((set_timeout(self.closure.as_ref().unchecked_ref(), ms), due)));
        }
    }

    fn clear(&self) {
        if let Some((id, _)) = self.armed.take() {
            clear_timeout(id);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}
