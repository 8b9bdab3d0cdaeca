//! The HTTP API that an instance asks for events and answers to.
//!
//! Paths, states, statuses and bodies are those of AWS's own implementation, which is public as the runtime
//! interface emulator. [C] Each instance has one of its own, at a port of its own, so there is no doubt about whom
//! a request is from.

use std::sync::Arc;
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
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::extensions;
use super::function::Function;
use super::invocation::{Answer, MAX_ANSWER_BYTES};
use super::phase::{NotAllowed, Phases};

const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";

/// The Runtime API of one instance.
pub(super) struct RuntimeApi {
    pub(super) phases: Arc<Phases>,
    /// `HOST:PORT`, as in `AWS_LAMBDA_RUNTIME_API`.
    pub(super) address: String,
    _served: AbortOnDropHandle<()>,
}

impl RuntimeApi {
    /// Listens on loopback, at a port that the system chooses.
    pub(super) async fn listen(function: &Function) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let phases = Arc::new(Phases::new());
        let router = router(Arc::clone(&phases))
            .merge(extensions::router(function))
            .layer(middleware::from_fn_with_state(Arc::<str>::from(address.as_str()), refuse_browsers));
        let served = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { phases, address, _served: AbortOnDropHandle::new(served) })
    }
}

/// Without the phase, for there are events and answers in it.
impl fmt::Debug for RuntimeApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeApi").field("address", &self.address).finish_non_exhaustive()
    }
}

fn router(phases: Arc<Phases>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(phases)
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

async fn next(State(phases): State<Arc<Phases>>) -> Result<Response, Refused> {
    let invocation = phases.next().await?;
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
        ("Lambda-Runtime-Deadline-Ms", invocation.deadline_ms.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn),
        ("Lambda-Runtime-Trace-Id", invocation.trace_id),
        ("Content-Type", "application/json".to_owned()),
    ];
    Ok((headers, invocation.event).into_response())
}

async fn response(
    State(phases): State<Arc<Phases>>,
    Path(request_id): Path<String>,
    request: Request,
) -> Result<Accepted, Refused> {
    phases.check(&request_id)?;
    let answer = match request.headers().get(RESPONSE_MODE).map(HeaderValue::as_bytes) {
        // A streamed response is chunks to the end, and API Gateway waits for the end: as Lambda does for a caller
        // that does not ask for a stream, this collects it. [D]
        None | Some(b"" | b"streaming") => Received::read(request.into_body()).await?.into_answer(),
        Some(_) => Answer::InvalidMode,
    };
    let said = match answer {
        Answer::TooLarge => Err(Refused::TooLarge),
        Answer::InvalidMode => Err(Refused::InvalidMode),
        Answer::Response(_) | Answer::Error(_) => Ok(Accepted),
    };
    phases.answer(&request_id, answer, "InvocationResponse")?;
    said
}

async fn error(
    State(phases): State<Arc<Phases>>,
    Path(request_id): Path<String>,
    request: Request,
) -> Result<Accepted, Refused> {
    phases.check(&request_id)?;
    let report = Received::read(request.into_body()).await?;
    phases.answer(&request_id, Answer::Error(report.bytes), "InvocationErrorResponse")?;
    Ok(Accepted)
}

async fn init_error(State(phases): State<Arc<Phases>>, request: Request) -> Result<Accepted, Refused> {
    let report = Received::read(request.into_body()).await?;
    phases.init_error(report.bytes)?;
    Ok(Accepted)
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
    NotAllowed(NotAllowed),
    Truncated,
    TooLarge,
    InvalidMode,
}

impl From<NotAllowed> for Refused {
    fn from(reason: NotAllowed) -> Self {
        Self::NotAllowed(reason)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        use StatusCode as S;
        let (status, error_type, message) = match self {
            Self::NotAllowed(NotAllowed::RequestId) => {
                (S::BAD_REQUEST, "InvalidRequestID", "Invalid request ID".to_owned())
            }
            Self::NotAllowed(NotAllowed::Transition { from, to }) => {
                let message = format!("State transition from {from} to {to} failed for runtime.");
                (S::FORBIDDEN, "InvalidStateTransition", message + " Error: State transition is not allowed")
            }
            Self::Truncated => {
                (S::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated".to_owned())
            }
            Self::TooLarge => {
                let message = format!("Exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).");
                (S::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
            }
            Self::InvalidMode => {
                (S::BAD_REQUEST, "InvalidFunctionResponseMode", "Invalid function response mode".to_owned())
            }
        };
        (status, Json(json!({"errorMessage": message, "errorType": error_type}))).into_response()
    }
}
