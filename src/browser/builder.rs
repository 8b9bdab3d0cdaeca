//! Making a client: [`Builder`].

use alloc::boxed::Box;
use alloc::string::String;
use core::future::Future;

use js_sys::{JSON, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::Client;
use super::driver::{Driver, Setup};
use super::errors::{BuildError, Invalid, TokenError};
use crate::Config;

/// What a token function is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenRequest {
    /// Whether a token from a cache will not do: the last one is suspected of being the reason why
    /// a handshake failed.
    pub is_refresh: bool,
}

/// What a client is to be like. [`Client::builder`] makes one.
#[must_use = "build() makes the client"]
pub struct Builder(Setup);

impl Builder {
    pub(super) fn new(url: String) -> Self {
        Self(Setup {
            url,
            token_param: "token".into(),
            token: None,
            greeting: None,
            heartbeat: Box::new(|id| to_text(&Heartbeat { action: "ping", id })),
            config: Config::DEFAULT,
            message_bound: 1_024,
            high_water_bytes: 1 << 20,
        })
    }

    /// Where tokens come from. Called for every attempt, since the last token may have expired
    /// meanwhile; what it takes longer than [`Config::token_timeout_ms`] is dropped. The token is
    /// kept out of every error, state and `Debug`.
    ///
    /// Default: none, and the URL is opened as it is.
    ///
    /// A function that holds the [`Client`] itself keeps it alive for ever.
    pub fn token<F, T>(mut self, function: F) -> Self
    where
        F: Fn(TokenRequest) -> T + 'static,
        T: Future<Output = Result<String, TokenError>> + 'static,
    {
        self.0.token = Some(Box::new(move |request| Box::pin(function(request))));
        self
    }

    /// The name of the query parameter that the token goes into. Default: `token`.
    pub fn token_param(mut self, name: impl Into<String>) -> Self {
        self.0.token_param = name.into();
        self
    }

    /// A message that goes before every other one on each socket. Where `function` fails, the
    /// attempt has failed with [`Problem::GreetingFailed`](crate::Problem::GreetingFailed), and the next one calls it
    /// again. Default: none.
    pub fn greeting<F, T, M, E>(mut self, function: F) -> Self
    where
        F: Fn() -> T + 'static,
        T: Future<Output = Result<M, E>> + 'static,
        M: Serialize,
    {
        self.0.greeting = Some(Box::new(move || {
            let greeting = function();
            Box::pin(async move { to_text(&greeting.await.ok()?).ok() })
        }));
        self
    }

    /// What a heartbeat is made of: a message with this identifier, which the answer has to hold
    /// as its member `id`. Such answers do not come up in [`Client::messages`].
    ///
    /// Default: `{"action":"ping","id":"…"}`.
    pub fn heartbeat<F, M>(mut self, function: F) -> Self
    where
        F: Fn(&str) -> M + 'static,
        M: Serialize,
    {
        self.0.heartbeat = Box::new(move |id| to_text(&function(id)));
        self
    }

    /// Every other knob: times, limits, retries. Default: [`Config::DEFAULT`], the profile of API
    /// Gateway. Whether there is a greeting is known without [`Config::greets`].
    ///
    /// ```
    /// # use everwire::Config;
    /// let config = Config { max_attempts: 8, heartbeat_ms: 20_000, ..Config::DEFAULT };
    /// ```
    pub fn config(mut self, config: Config) -> Self {
        self.0.config = config;
        self
    }

    /// How many messages may wait in each stream of [`Client::messages`]; more than that, and the
    /// oldest go. At least 1. Default: 1024.
    pub fn message_bound(mut self, messages: usize) -> Self {
        self.0.message_bound = messages;
        self
    }

    /// How many bytes a socket may have to send before further messages wait in the outbox.
    /// Default: 1 MiB.
    pub fn high_water_bytes(mut self, bytes: u32) -> Self {
        self.0.high_water_bytes = bytes;
        self
    }

    /// Makes the client, which is closed until [`Client::open`] is called.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidUrl`]
    pub fn build(mut self) -> Result<Client, BuildError> {
        let url = Url::new(&self.0.url).map_err(|_| BuildError::InvalidUrl)?;
        if !matches!(url.protocol().as_str(), "ws:" | "wss:") {
            return Err(BuildError::InvalidUrl);
        }
        self.0.config.greets = u32::from(self.0.greeting.is_some());
        Ok(Client(Driver::new(self.0)))
    }
}

#[derive(Clone, Copy)]
struct Heartbeat<'a> {
    action: &'static str,
    id: &'a str,
}

// By hand, since serde's derive is a dependency of its own.
impl Serialize for Heartbeat<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Heartbeat", 2)?;
        fields.serialize_field("action", self.action)?;
        fields.serialize_field("id", self.id)?;
        fields.end()
    }
}

/// `value` as JSON.
pub(super) fn to_text(value: &(impl Serialize + ?Sized)) -> Result<String, Invalid> {
    stringify(&to_js(value)?)
}

/// `value` as JSON, with the member `id` set to this.
pub(super) fn to_text_with_id(value: &(impl Serialize + ?Sized), id: &str) -> Result<String, Invalid> {
    let object = to_js(value)?
        .dyn_into::<Object>()
        .ok()
        .filter(|object| !js_sys::Array::is_array(object))
        .ok_or_else(|| Invalid::because(&"a request has to be an object, since its id goes into it"))?;
    Reflect::set(&object, &"id".into(), &id.into()).map_err(|_| Invalid::because(&"the id cannot be set"))?;
    stringify(&object)
}

fn to_js(value: &(impl Serialize + ?Sized)) -> Result<JsValue, Invalid> {
    // As JSON has it: maps are objects, and nothing is `undefined`.
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| Invalid::because(&error))
}

fn stringify(value: &JsValue) -> Result<String, Invalid> {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    text.ok_or_else(|| Invalid::because(&"the value has no form in JSON"))
}
