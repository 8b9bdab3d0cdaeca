//! What a frame that arrives is.

use alloc::string::String;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::Hint;

/// The member by which server and client speak of the connection itself. See PROTOCOL.md.
const OWN_MEMBER: &str = "everwire";

/// An error that API Gateway itself has sent in answer to a message, not the backend: no route
/// took it, or its handler failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// Such as `Forbidden` or `Internal server error`.
    pub message: String,
    /// The connection's identifier in the service.
    pub connection_id: String,
    /// By which the service's logs know the message at fault.
    pub request_id: String,
}

/// A frame.
pub(super) enum Frame {
    /// An empty one: some servers send it as a sign of life.
    Empty,
    /// Not text.
    Binary(JsValue),
    /// Text that is not JSON.
    NotJson(JsValue),
    /// From API Gateway itself.
    Error(ServiceError),
    /// From the backend.
    Message(Arrival),
}

/// A message as it arrives, and what it says of itself.
pub(super) struct Arrival {
    /// Without the protocol's own member.
    pub(super) message: JsValue,
    /// Its member `id`, if that is a text: what it answers.
    pub(super) answers: Option<String>,
    /// The number by which it is known if it comes twice.
    pub(super) mark: Option<String>,
    pub(super) hint: Option<Hint>,
    /// Whether there is nothing in it for the app.
    pub(super) is_for_client: bool,
}

#[wasm_bindgen]
extern "C" {
    // js_sys's own takes a &str, which would copy every message into wasm memory.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse_json(text: &JsValue) -> Result<JsValue, JsValue>;
}

impl Frame {
    pub(super) fn read(data: JsValue) -> Self {
        if !data.is_string() {
            return Self::Binary(data);
        }
        if data.is_falsy() {
            return Self::Empty;
        }
        let Ok(message) = parse_json(&data) else { return Self::NotJson(data) };
        let Some(object) = message.dyn_ref::<Object>().filter(|_| !Array::is_array(&message)) else {
            return Self::Message(Arrival::plain(message));
        };
        match service_error(object) {
            Some(error) => Self::Error(error),
            None => Self::Message(Arrival::of_object(object)),
        }
    }
}

impl Arrival {
    /// Not an object, so it can say nothing of itself.
    const fn plain(message: JsValue) -> Self {
        Self { message, answers: None, mark: None, hint: None, is_for_client: false }
    }

    fn of_object(object: &Object) -> Self {
        let answers = text(object, "id");
        let own = get(object, OWN_MEMBER).filter(JsValue::is_object);
        let mut arrival = Self { answers, ..Self::plain(object.into()) };
        if let Some(own) = own {
            arrival.mark = text(&own, "id");
            arrival.hint = hint(&own);
            // Fails for an object that is frozen, which JSON.parse does not make.
            let _ = Reflect::delete_property(object, &OWN_MEMBER.into());
            arrival.is_for_client = Object::keys(object).length() == 0;
        }
        arrival
    }
}

/// The frame that API Gateway sends has these members and no other.
fn service_error(object: &Object) -> Option<ServiceError> {
    if Object::keys(object).length() != 3 {
        return None;
    }
    Some(ServiceError {
        message: text(object, "message")?,
        connection_id: text(object, "connectionId")?,
        request_id: text(object, "requestId").or_else(|| text(object, "messageId"))?,
    })
}

/// A hint in a close reason: the JSON of the protocol's own member.
pub(super) fn hint_in(reason: &str) -> Option<Hint> {
    hint(&js_sys::JSON::parse(reason).ok()?)
}

fn hint(own: &JsValue) -> Option<Hint> {
    let spread_ms = if get(own, "spreadMs").is_none_or(|value| value.is_undefined()) {
        0
    } else {
        milliseconds(own, "spreadMs")?
    };
    Some(Hint { retry_after_ms: milliseconds(own, "retryAfterMs")?, spread_ms })
}

/// Whole milliseconds, a day at most: no server keeps its clients away for longer by mistake.
fn milliseconds(object: &JsValue, name: &str) -> Option<u32> {
    let number = get(object, name)?.as_f64()?;
    ((0.0..=86_400_000.0).contains(&number) && number % 1.0 == 0.0).then_some(number as u32)
}

/// The member `action` of a message, if it has one.
pub(super) fn action_of(message: &JsValue) -> Option<String> {
    text(message, "action")
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name)?.as_string()
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    // Fails for what is no object: `null` in place of a message.
    Reflect::get(object, &name.into()).ok()
}
