//! The clock that a connection goes by: it never goes back, and it counts the time for which the
//! machine slept.

use core::cell::Cell;

use wasm_bindgen::prelude::*;

use crate::Millis;

/// By how much the wall clock must be ahead before it is believed, in milliseconds. It is read in
/// whole milliseconds: to add up the greater of both at every look would run too fast.
const JUMP_MS: f64 = 1_000.0;

#[wasm_bindgen]
extern "C" {
    // Of the global object, not of `Window`: a worker has them too.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
}

/// `performance.now()` never goes back, but stands still during sleep on some systems; the wall
/// clock counts sleep, but may be set. So time passes by the first, and by the second where that
/// has jumped ahead.
pub(super) struct Clock {
    last: Cell<Reading>,
    passed_ms: Cell<f64>,
}

#[derive(Clone, Copy)]
struct Reading {
    performance: f64,
    date: f64,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { last: Cell::new(Reading::take()), passed_ms: Cell::new(0.0) }
    }

    pub(super) fn now(&self) -> Millis {
        let now = Reading::take();
        let last = self.last.replace(now);
        let steady = (now.performance - last.performance).max(0.0);
        let wall = now.date - last.date;
        let passed = if wall > steady + JUMP_MS { wall } else { steady };
        self.passed_ms.set(self.passed_ms.get() + passed);
        Millis::new(self.passed_ms.get() as u64)
    }
}

impl Reading {
    fn take() -> Self {
        Self { performance: performance_now(), date: date_now() }
    }
}

/// The wall clock, in milliseconds since 1970: what a token's `exp` is compared with.
pub(super) fn wall_clock_ms() -> f64 {
    date_now()
}
