//! What the tests of the Rust front end share: users of a real gateway, and a look at the browser.

use everwire::Config;
use everwire::browser::{Builder, Client, TokenError};
use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;

pub const URL: &str = match option_env!("EVERWIRE_TEST_URL") {
    Some(url) => url,
    None => "ws://127.0.0.1:3001/dev",
};

/// So short that a test need not wait for seconds.
pub const CONFIG: Config = Config { first_retry_ms: 100, max_retry_ms: 400, ..Config::DEFAULT };

#[wasm_bindgen(inline_js = "
    export async function post(url, path, body, token) {
        const origin = new URL(url.replace(/^ws/, 'http')).origin
        const authorization = token ? { Authorization: `Bearer ${token}` } : {}
        const headers = { 'Content-Type': 'application/json', ...authorization }
        const response = await fetch(origin + path, { method: 'POST', headers, body })
        return response.json()
    }

    // Every socket that is made from now on, what it sent, and how many listeners the page has.
    const sockets = []
    const sent = []
    globalThis.WebSocket = class extends WebSocket {
        constructor(url) {
            super(url)
            sockets.push(this)
        }
        send(text) {
            sent.push(text)
            super.send(text)
        }
    }
    let listeners = 0
    const events = ['online', 'offline', 'pagehide', 'pageshow', 'visibilitychange', 'resume', 'prerenderingchange']
    const { addEventListener, removeEventListener } = EventTarget.prototype
    EventTarget.prototype.addEventListener = function (name, ...rest) {
        if (events.includes(name)) listeners += 1
        return addEventListener.call(this, name, ...rest)
    }
    EventTarget.prototype.removeEventListener = function (name, ...rest) {
        if (events.includes(name)) listeners -= 1
        return removeEventListener.call(this, name, ...rest)
    }

    export const liveSockets = () => sockets.filter((socket) => socket.readyState < 2).length
    export const takeSent = () => sent.splice(0)
    export const listenerCount = () => listeners
    export const receive = (data) => sockets.at(-1).dispatchEvent(new MessageEvent('message', { data }))
    export const breakLastSocket = () => sockets.at(-1).dispatchEvent(new CloseEvent('close', { code: 1006 }))
    export const page = (name, persisted) => dispatchEvent(new PageTransitionEvent(name, { persisted }))
")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn post(url: &str, path: &str, body: &str, token: &str) -> Result<JsValue, JsValue>;

    /// How many sockets are open or being opened, in all of this page or worker.
    #[wasm_bindgen(js_name = liveSockets)]
    pub fn live_sockets() -> u32;

    /// What sockets have been given to send since this was last asked, in order.
    #[wasm_bindgen(js_name = takeSent)]
    pub fn take_sent() -> Vec<String>;

    /// How many listeners there are for what happens to a page.
    #[wasm_bindgen(js_name = listenerCount)]
    pub fn listener_count() -> i32;

    /// Pretends that a frame came on the newest socket.
    pub fn receive(data: &JsValue);

    /// Pretends that the newest socket's connection broke.
    #[wasm_bindgen(js_name = breakLastSocket)]
    pub fn break_last_socket();

    /// Pretends that the page goes through this.
    pub fn page(name: &str, persisted: bool);
}

/// A user of its own for each test, so that tests do not meet.
#[derive(Clone)]
pub struct User {
    pub token: String,
}

impl User {
    pub async fn sign_in(name: &str) -> Self {
        let body = format!("{{\"user\":\"{name}\"}}");
        let tokens = post(URL, "/demo/sign-in", &body, "").await.expect("a gateway with --demo");
        Self { token: access_token(&tokens) }
    }

    /// What a client of this user is made of.
    pub fn builder(&self) -> Builder {
        let token = self.token.clone();
        Client::builder(URL)
            .token(move |_| {
                let token = token.clone();
                async move { Ok::<_, TokenError>(token) }
            })
            .config(CONFIG)
    }

    pub fn client(&self) -> Client {
        self.builder().build().expect("a client")
    }

    pub async fn expired_token(&self) -> String {
        access_token(&self.trouble("/demo/expired-token", "").await)
    }

    pub async fn trouble(&self, path: &str, body: &str) -> JsValue {
        post(URL, path, body, &self.token).await.expect("the gateway's demo endpoints")
    }

    /// Settles when the gateway knows of no connection of this user.
    pub async fn is_gone(&self) {
        loop {
            let dropped = self.trouble("/demo/drop", "").await;
            if Reflect::get(&dropped, &"dropped".into()).unwrap().as_f64() == Some(0.0) {
                return;
            }
            TimeoutFuture::new(5).await;
        }
    }
}

fn access_token(answer: &JsValue) -> String {
    Reflect::get(answer, &"accessToken".into()).unwrap().as_string().expect("an access token")
}
