//! The HTTP API that an instance asks for events and answers to.
//!
//! Paths, states, statuses and bodies are those of AWS's own implementation, which is public as the runtime
//! interface emulator [C]. Each instance has one of its own, at a port of its own, so there is no doubt about whom
//! a request is from.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio_util::task::AbortOnDropHandle;

use super::extensions;
use super::function::Function;

/// The largest answer, in bytes: 6 MB and what Lambda adds for its envelope. [C, O in its error texts]
pub(super) const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 + 100;

const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// An event for an instance, and what is said along with it.
pub(super) struct Invocation {
    pub(super) request_id: String,
    /// The event as JSON. Tokens are in it.
    event: Bytes,
    function_arn: String,
    trace_id: String,
}

impl Invocation {
    pub(super) fn new(request_id: String, function: &str, event: &Value) -> Self {
        // The gateway's ARNs have this region and account everywhere.
        let function_arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
        Self { request_id, event: event.to_string().into(), function_arn, trace_id: trace_id(event) }
    }
}

/// The trace that the event belongs to, or a new one; not sampled, for nobody collects it.
fn trace_id(event: &Value) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let random = uuid::Uuid::new_v4().simple().to_string();
    let root = match event.pointer("/headers/X-Amzn-Trace-Id").and_then(Value::as_str) {
        Some(root) if HeaderValue::from_str(root).is_ok() && !root.contains(';') => root.to_owned(),
        _ => format!("Root=1-{seconds:08x}-{}", &random[..24]),
    };
    format!("{root};Parent={};Sampled=0", &random[16..])
}

/// What an instance says to an event.
pub(super) enum Answer {
    Response(Bytes),
    /// An error report, as JSON.
    Error(Bytes),
    /// A response of more than [`MAX_ANSWER_BYTES`].
    TooLarge,
    /// A response in a mode that Lambda does not know.
    InvalidMode,
}

/// Where an instance is, from the API's view. The names are AWS's.
enum Phase {
    /// It has not asked for an event yet.
    Started,
    InitError(Bytes),
    Ready,
    Running {
        invocation: Arc<Invocation>,
        deadline_ms: u128,
        answer: oneshot::Sender<Answer>,
    },
    ResponseSent {
        request_id: String,
    },
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::InitError(_) => "InitError",
            Self::Ready => "Ready",
            Self::Running { .. } => "Running",
            Self::ResponseSent { .. } => "RuntimeResponseSentState",
        }
    }

    /// The invocation that a response may be for.
    fn request_id(&self) -> Option<&str> {
        match self {
            Self::Running { invocation, .. } => Some(&invocation.request_id),
            Self::ResponseSent { request_id } => Some(request_id),
            Self::Started | Self::InitError(_) | Self::Ready => None,
        }
    }
}

/// The Runtime API of one instance.
pub(super) struct RuntimeApi {
    phase: Arc<watch::Sender<Phase>>,
    /// `HOST:PORT`, as in `AWS_LAMBDA_RUNTIME_API`.
    pub(super) address: String,
    _served: AbortOnDropHandle<()>,
}

impl RuntimeApi {
    /// Listens on loopback, at a port that the system chooses.
    pub(super) async fn listen(function: &Function) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let phase = Arc::new(watch::Sender::new(Phase::Started));
        let router = router(Arc::clone(&phase))
            .merge(extensions::router(function))
            .layer(middleware::from_fn_with_state(Arc::<str>::from(address.as_str()), refuse_browsers));
        let served = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { phase, address, _served: AbortOnDropHandle::new(served) })
    }

    /// Waits until the instance asks for an event, or reports that it cannot start.
    pub(super) async fn ready(&self) -> Result<(), Bytes> {
        let mut phase = self.phase.subscribe();
        let reached = phase.wait_for(|phase| matches!(phase, Phase::Ready | Phase::InitError(_))).await;
        match reached.as_deref() {
            Ok(Phase::InitError(report)) => Err(report.clone()),
            _ => Ok(()),
        }
    }

    /// Gives a ready instance an event. What it answers comes through the receiver.
    pub(super) fn begin(&self, invocation: Invocation, timeout: Duration) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let deadline = SystemTime::now() + timeout;
        let deadline_ms = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        self.phase.send_replace(Phase::Running { invocation: Arc::new(invocation), deadline_ms, answer });
        answered
    }
}

/// Without the phase, for there are events and answers in it.
impl fmt::Debug for RuntimeApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeApi").field("address", &self.address).finish_non_exhaustive()
    }
}

type Phases = State<Arc<watch::Sender<Phase>>>;

fn router(phase: Arc<watch::Sender<Phase>>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(phase)
}

/// On Lambda nobody else can reach this API. Here every page in the developer's browser can try to: one that has
/// pointed a name of its own to this address (DNS rebinding) could read events, and tokens are in them.
async fn refuse_browsers(State(address): State<Arc<str>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_host = headers.get(HOST).is_some_and(|host| host.as_bytes() == address.as_bytes());
    if !is_host || headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site") {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// Waits for the next event.
async fn next(State(phases): Phases) -> Result<Response, Refused> {
    let mut allowed = Ok(());
    phases.send_if_modified(|phase| match phase {
        Phase::Started | Phase::ResponseSent { .. } => {
            *phase = Phase::Ready;
            true
        }
        // Asked again, for the first answer was lost: it is the same event again.
        Phase::Ready | Phase::Running { .. } => false,
        Phase::InitError(_) => {
            allowed = Err(Refused::Transition { from: phase.name(), to: "Ready" });
            false
        }
    });
    allowed?;
    let mut phase = phases.subscribe();
    match phase.wait_for(|phase| matches!(phase, Phase::Running { .. })).await.as_deref() {
        Ok(Phase::Running { invocation, deadline_ms, .. }) => Ok(event(invocation, *deadline_ms)),
        // The sender is in this function's hands, so it cannot be gone.
        _ => Err(Refused::Transition { from: "Ready", to: "Running" }),
    }
}

fn event(invocation: &Invocation, deadline_ms: u128) -> Response {
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", invocation.request_id.clone()),
        ("Lambda-Runtime-Deadline-Ms", deadline_ms.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn.clone()),
        ("Lambda-Runtime-Trace-Id", invocation.trace_id.clone()),
        ("Content-Type", "application/json".to_owned()),
    ];
    (headers, invocation.event.clone()).into_response()
}

async fn response(
    State(phases): Phases,
    Path(request_id): Path<String>,
    request: Request,
) -> Result<Accepted, Refused> {
    is_current(&phases, &request_id)?;
    let answer = match request.headers().get(RESPONSE_MODE).map(HeaderValue::as_bytes) {
        // A streamed response is chunks to the end, and API Gateway waits for the end: as Lambda does for a caller
        // that does not ask for a stream, this collects it. [D]
        None | Some(b"" | b"streaming") => Received::read(request.into_body()).await?.into_answer(),
        Some(_) => Answer::InvalidMode,
    };
    let refused = match answer {
        Answer::TooLarge => Err(Refused::TooLarge),
        Answer::InvalidMode => Err(Refused::InvalidMode),
        Answer::Response(_) | Answer::Error(_) => Ok(Accepted),
    };
    take(&phases, &request_id, "InvocationResponse", answer)?;
    refused
}

async fn error(
    State(phases): Phases,
    Path(request_id): Path<String>,
    request: Request,
) -> Result<Accepted, Refused> {
    is_current(&phases, &request_id)?;
    let report = Received::read(request.into_body()).await?;
    take(&phases, &request_id, "InvocationErrorResponse", Answer::Error(report.bytes))?;
    Ok(Accepted)
}

async fn init_error(State(phases): Phases, request: Request) -> Result<Accepted, Refused> {
    let report = Received::read(request.into_body()).await?;
    let mut result = Ok(Accepted);
    phases.send_if_modified(|phase| {
        if matches!(phase, Phase::Started) {
            *phase = Phase::InitError(report.bytes);
            return true;
        }
        result = Err(Refused::Transition { from: phase.name(), to: "InitError" });
        false
    });
    result
}

/// Whether this is the invocation that an answer may be for.
fn is_current(phases: &watch::Sender<Phase>, request_id: &str) -> Result<(), Refused> {
    match phases.borrow().request_id() {
        Some(current) if current == request_id => Ok(()),
        _ => Err(Refused::RequestId),
    }
}

/// Hands an answer on, if it is the first one.
fn take(
    phases: &watch::Sender<Phase>,
    request_id: &str,
    to: &'static str,
    answer: Answer,
) -> Result<(), Refused> {
    // Asked again: while this answer was being received, another one may have been quicker.
    is_current(phases, request_id)?;
    let mut result = Ok(());
    phases.send_if_modified(|phase| {
        if !matches!(phase, Phase::Running { .. }) {
            result = Err(Refused::Transition { from: phase.name(), to });
            return false;
        }
        let sent = Phase::ResponseSent { request_id: request_id.to_owned() };
        if let Phase::Running { answer: waiting, .. } = std::mem::replace(phase, sent) {
            // Nobody waits any more if the invocation has just timed out; then the instance is about to be killed.
            drop(waiting.send(answer));
        }
        true
    });
    result
}

/// A request's body to its end.
#[derive(Default)]
struct Received {
    bytes: Bytes,
    is_too_large: bool,
    trailers: HeaderMap,
}

impl Received {
    /// A body that is too large is received to its end too, so that the sender reads the status that says so.
    async fn read(mut body: Body) -> Result<Self, Refused> {
        let mut received = Self::default();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame.map_err(|_| Refused::Truncated)?.into_data() {
                Ok(data) if !received.is_too_large && bytes.len() + data.len() <= MAX_ANSWER_BYTES => {
                    bytes.extend_from_slice(&data);
                }
                Ok(_) => received.is_too_large = true,
                Err(frame) => received.trailers.extend(frame.into_trailers().unwrap_or_default()),
            }
        }
        received.bytes = bytes.into();
        Ok(received)
    }

    fn into_answer(self) -> Answer {
        if self.is_too_large {
            return Answer::TooLarge;
        }
        // A stream that breaks reports its error behind what it has sent so far, in Base64.
        if self.trailers.contains_key(ERROR_TYPE) {
            let report = self.trailers.get(ERROR_BODY).and_then(|report| STANDARD.decode(report).ok());
            return Answer::Error(report.unwrap_or_default().into());
        }
        Answer::Response(self.bytes)
    }
}

struct Accepted;

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response()
    }
}

/// Why a request is refused.
enum Refused {
    RequestId,
    Truncated,
    TooLarge,
    InvalidMode,
    Transition { from: &'static str, to: &'static str },
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error_type, message) = match self {
            Self::RequestId => (StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID".to_owned()),
            Self::Truncated => (
                StatusCode::BAD_REQUEST,
                "TruncatedHTTPRequest",
                "HTTP request detected as truncated".to_owned(),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                format!("Exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes)."),
            ),
            Self::InvalidMode => (
                StatusCode::BAD_REQUEST,
                "InvalidFunctionResponseMode",
                "Invalid function response mode".to_owned(),
            ),
            Self::Transition { from, to } => (
                StatusCode::FORBIDDEN,
                "InvalidStateTransition",
                format!(
                    "State transition from {from} to {to} failed for runtime. \
                     Error: State transition is not allowed"
                ),
            ),
        };
        (status, Json(json!({"errorMessage": message, "errorType": error_type}))).into_response()
    }
}
