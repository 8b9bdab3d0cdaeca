//! What the npm package's TypeScript sees of the client: [`Core`], and the [`JsHost`] behind it.
//!
//! Numbers, strings and handles only: a struct across the boundary would cost more than all
//! of the machine.

use alloc::boxed::Box;
use alloc::string::String;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::{Driver, Host};
use crate::{Config, Generation, MessageId, Problem, Snapshot, State};

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A panic is a bug, and ends this client only: the trap reaches pkg/src/client.ts, which puts
/// another in its place.
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[wasm_bindgen]
extern "C" {
    /// An object with these methods: `Host` in pkg/src/core.ts.
    pub type JsHost;

    #[wasm_bindgen(method, js_name = requestToken)]
    fn request_token(this: &JsHost, generation: u32);
    #[wasm_bindgen(method)]
    fn message(this: &JsHost, message: JsValue);
    #[wasm_bindgen(method)]
    fn announce(
        this: &JsHost,
        status: &str,
        attempt: u32,
        retry_in_ms: f64,
        ceiling_ms: u32,
        cause: &str,
        why: &str,
        close_code: u16,
    );
    #[wasm_bindgen(method)]
    fn report(this: &JsHost, code: &str, text: &str, data: JsValue);
    #[wasm_bindgen(method)]
    fn opened(this: &JsHost);
    #[wasm_bindgen(method, js_name = gaveUp)]
    fn gave_up(this: &JsHost, code: &str, text: &str);
    #[wasm_bindgen(method)]
    fn transmitted(this: &JsHost, message: u32);
    #[wasm_bindgen(method)]
    fn refused(this: &JsHost, message: u32, code: &str, text: &str);
}

impl Host for JsHost {
    fn request_token(&self, generation: Generation) {
        self.request_token(generation.0);
    }

    fn message(&self, message: JsValue) {
        self.message(message);
    }

    fn announce(&self, snapshot: Snapshot) {
        self.announce(
            status(snapshot.state),
            snapshot.attempt,
            snapshot.retry_in_ms.map_or(f64::NAN, f64::from),
            snapshot.ceiling_ms,
            snapshot.why.code(),
            snapshot.why.explain(),
            snapshot.why.close_code().unwrap_or(0),
        );
    }

    fn report(&self, problem: Problem, data: JsValue) {
        self.report(problem.code(), problem.explain(), data);
    }

    fn settle(&self, outcome: Result<(), Problem>) {
        match outcome {
            Ok(()) => self.opened(),
            Err(problem) => self.gave_up(problem.code(), problem.explain()),
        }
    }

    fn transmitted(&self, message: MessageId) {
        self.transmitted(message.0);
    }

    fn refused(&self, message: MessageId, problem: Problem) {
        self.refused(message.0, problem.code(), problem.explain());
    }
}

/// One client, as the TypeScript class `WSClient` drives it.
#[wasm_bindgen]
pub struct Core(Driver);

#[wasm_bindgen]
impl Core {
    /// `knobs`: the values of [`Config::KNOBS`], in that order, already checked.
    #[wasm_bindgen(constructor)]
    pub fn new(host: JsHost, url: String, token_param: String, knobs: &[u32]) -> Self {
        let config = Config::from_knobs(knobs).unwrap_or_default();
        Self(Driver::new(Box::new(host), url, token_param, config))
    }

    /// See [`Driver::open`].
    pub fn open(&self) {
        self.0.open();
    }

    /// See [`Driver::close`].
    pub fn close(&self) {
        self.0.close();
    }

    /// See [`Driver::reconnect`].
    pub fn reconnect(&self) {
        self.0.reconnect();
    }

    /// See [`Driver::send`].
    pub fn send(&self, message: u32, text: JsString) {
        self.0.send(MessageId(message), text);
    }

    /// See [`Driver::token_ready`].
    #[wasm_bindgen(js_name = tokenReady)]
    pub fn token_ready(&self, generation: u32, token: Option<String>) {
        self.0.token_ready(Generation(generation), token);
    }

    /// See [`Driver::token_failed`].
    #[wasm_bindgen(js_name = tokenFailed)]
    pub fn token_failed(&self, generation: u32) {
        self.0.token_failed(Generation(generation));
    }
}

const fn status(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::FetchingToken { .. } => "fetching-token",
        State::Connecting { .. } => "connecting",
        State::Open { .. } => "open",
        State::Waiting { .. } => "waiting",
    }
}
