//! The one timer of a connection.

use core::cell::RefCell;

use gloo_timers::callback::Timeout;

use crate::Millis;

/// A browser keeps a delay in a signed number of 32 bits; a greater one would fire at once.
const LONGEST_MS: u32 = i32::MAX as u32;

/// A timer that is armed for one moment at a time. Dropping it clears it.
#[derive(Default)]
pub(super) struct Timer(RefCell<Option<(Millis, Timeout)>>);

impl Timer {
    /// Calls `fire` at `due`, or never, in place of whatever was armed before.
    pub(super) fn arm(&self, due: Option<Millis>, now: Millis, fire: impl FnOnce() + 'static) {
        // Most inputs leave the deadline as it is, and the browser need not hear of it.
        if self.0.borrow().as_ref().map(|(due, _)| *due) == due {
            return;
        }
        let armed = due.map(|due| (due, after(now.until(due), fire)));
        self.0.replace(armed);
    }

    /// Says that it has fired, so that it is armed anew even for the same moment.
    pub(super) fn fired(&self) {
        self.0.take();
    }
}

/// Calls `fire` after `ms` milliseconds, or a little early if that is more than browsers know,
/// unless what this returns is dropped before.
pub(super) fn after(ms: u32, fire: impl FnOnce() + 'static) -> Timeout {
    Timeout::new(ms.min(LONGEST_MS), fire)
}
