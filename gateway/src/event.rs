//! AWS's event JSON, field by field. What AWS leaves out is left out here, not null.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::Address;
use crate::clock;

/// One connection, as its events know it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) id: String,
    /// Milliseconds since 1970.
    pub(crate) connected_at: i64,
    pub(crate) source_ip: IpAddr,
    pub(crate) user_agent: Option<String>,
    /// The authorizer's context, `principalId` included; none if the API has no authorizer. A list: a map would be many
    /// times as large, and every idle connection has one.
    pub(crate) authorizer: Option<Box<[(String, Value)]>>,
}

impl Connection {
    /// Whose connection it is.
    pub(crate) fn user(&self) -> Option<&str> {
        self.authorizer.as_ref()?.iter().find(|(key, _)| key == "principalId")?.1.as_str()
    }

    /// What its events carry as `requestContext.authorizer`.
    fn context(&self) -> Option<Map<String, Value>> {
        Some(self.authorizer.as_ref()?.iter().cloned().collect())
    }
}

/// The HTTP request of a handshake.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
}

impl Request {
    /// Reads headers and query as API Gateway passes them on.
    pub(crate) fn new(id: String, headers: &HeaderMap, query: &str, source_ip: IpAddr, port: u16) -> Self {
        // What a proxy would have added is ours to say: a client's own X-Forwarded-For proves nothing.
        let forwarded = [
            ("X-Amzn-Trace-Id", format!("Root=1-{:08x}-{}", clock::now_ms() / 1000, trace_id())),
            ("X-Forwarded-For", source_ip.to_string()),
            ("X-Forwarded-Port", port.to_string()),
            ("X-Forwarded-Proto", "http".to_owned()),
        ];
        let mut headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (spelling(name), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .filter(|(name, _)| forwarded.iter().all(|(ours, _)| ours != name))
            .collect();
        headers.extend(forwarded.map(|(name, value)| (name.to_owned(), value)));
        Self { id, headers, query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect() }
    }
}

/// The header's name as clients usually write it. Hyper keeps names in lower case only; AWS keeps the client's.
fn spelling(name: &HeaderName) -> String {
    let mut name = name.as_str().to_owned();
    let mut word_begins = true;
    for i in 0..name.len() {
        if word_begins {
            // Header names are ASCII: each byte is a character.
            name[i..=i].make_ascii_uppercase();
        }
        word_begins = name.as_bytes()[i] == b'-';
    }
    name.replace("Websocket", "WebSocket")
}

fn trace_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..24].to_owned()
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_query_string_parameters: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<Value>,
    request_context: RequestContext,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    route_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    event_type: &'static str,
    extended_request_id: String,
    request_time: String,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<String>,
    stage: String,
    connected_at: i64,
    request_time_epoch: i64,
    identity: Identity,
    request_id: String,
    domain_name: String,
    connection_id: String,
    api_id: &'static str,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    source_ip: String,
}

/// What the authorizer gets.
pub(crate) fn authorizer(address: &Address, connection: &Connection, request: &Request) -> Value {
    // The authorizer sees the headers of the hop to the gateway too, `$connect` does not.
    let mut headers = request.headers.clone();
    headers.push(("content-length".to_owned(), "0".to_owned()));
    json(Event {
        r#type: Some("REQUEST"),
        method_arn: Some(address.connect_arn()),
        stage_variables: Some(json!(address.stage_variables)),
        ..http(address, connection, request, &headers)
    })
}

/// What `$connect` gets. `integration_latency` is how long the authorizer took, in milliseconds.
pub(crate) fn connect(
    address: &Address,
    connection: &Connection,
    request: &Request,
    integration_latency: u64,
) -> Value {
    let end_to_end = |(name, _): &&(String, String)| name != "Connection" && name != "Upgrade";
    let headers: Vec<_> = request.headers.iter().filter(end_to_end).cloned().collect();
    let mut event = http(address, connection, request, &headers);
    event.is_base64_encoded = Some(false);
    event.stage_variables = stage_variables(address);
    event.request_context.authorizer = connection.context().map(|mut authorizer| {
        authorizer.insert("integrationLatency".to_owned(), integration_latency.into());
        authorizer
    });
    json(event)
}

/// What a message's route gets: neither headers nor query.
pub(crate) fn message(
    address: &Address,
    connection: &Connection,
    route_key: &str,
    request_id: &str,
    message_id: String,
    body: String,
) -> Value {
    let mut request_context = context(address, connection, "MESSAGE", route_key, request_id);
    request_context.message_id = Some(message_id);
    request_context.authorizer = connection.context();
    json(Event {
        request_context,
        stage_variables: stage_variables(address),
        body: Some(body),
        is_base64_encoded: Some(false),
        ..Event::default()
    })
}

/// What `$disconnect` gets: exactly these four headers, no body.
pub(crate) fn disconnect(
    address: &Address,
    connection: &Connection,
    request_id: &str,
    code: u16,
    reason: String,
) -> Value {
    let headers = [
        ("Host", address.domain_name.as_str()),
        ("x-api-key", ""),
        ("X-Forwarded-For", ""),
        ("x-restapi", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (headers, multi_value_headers) = maps(&headers);
    let mut request_context = context(address, connection, "DISCONNECT", "$disconnect", request_id);
    request_context.authorizer = connection.context();
    request_context.disconnect_status_code = Some(code);
    request_context.disconnect_reason = Some(reason);
    json(Event {
        headers,
        multi_value_headers,
        stage_variables: stage_variables(address),
        request_context,
        is_base64_encoded: Some(false),
        ..Event::default()
    })
}

fn http(
    address: &Address,
    connection: &Connection,
    request: &Request,
    headers: &[(String, String)],
) -> Event {
    let (headers, multi_value_headers) = maps(headers);
    let (query_string_parameters, multi_value_query_string_parameters) = maps(&request.query);
    Event {
        headers,
        multi_value_headers,
        query_string_parameters,
        multi_value_query_string_parameters,
        request_context: context(address, connection, "CONNECT", "$connect", &request.id),
        ..Event::default()
    }
}

fn context(
    address: &Address,
    connection: &Connection,
    event_type: &'static str,
    route_key: &str,
    request_id: &str,
) -> RequestContext {
    let now = clock::now_ms();
    RequestContext {
        route_key: route_key.to_owned(),
        event_type,
        // AWS gives both the same value.
        extended_request_id: request_id.to_owned(),
        request_id: request_id.to_owned(),
        request_time: clock::log_format(now),
        request_time_epoch: now,
        message_direction: "IN",
        stage: address.stage.clone(),
        connected_at: connection.connected_at,
        identity: Identity {
            user_agent: connection.user_agent.clone(),
            source_ip: connection.source_ip.to_string(),
        },
        domain_name: address.domain_name.clone(),
        connection_id: connection.id.clone(),
        api_id: Address::API_ID,
        ..RequestContext::default()
    }
}

/// Undocumented [U]: whether events of routes have them. They do when there are any, as LocalStack's users expect.
fn stage_variables(address: &Address) -> Option<Value> {
    (!address.stage_variables.is_empty()).then(|| json!(address.stage_variables))
}

/// The last value of each name (undocumented [U] for queries: as in REST APIs), and all values of each; neither if there are none.
fn maps(pairs: &[(String, String)]) -> (Option<Value>, Option<Value>) {
    if pairs.is_empty() {
        return (None, None);
    }
    let mut single = Map::new();
    let mut multi: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        single.insert(name.clone(), value.clone().into());
        if let Some(values) = multi.entry(name.clone()).or_insert_with(|| json!([])).as_array_mut() {
            values.push(value.clone().into());
        }
    }
    (Some(single.into()), Some(multi.into()))
}

fn json(event: Event) -> Value {
    // Serialising these types cannot fail: they hold texts and numbers, and all keys are texts.
    serde_json::to_value(event).unwrap_or_default()
}
