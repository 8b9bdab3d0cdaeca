//! What the tests share: a gateway over scripted functions, one over the real backend, and clients for both.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod panics;
pub mod program;
pub mod python;
pub mod raw;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use everwire_backend::FunctionError;
use everwire_backend::token::{self, Kind, Secret};
use everwire_gateway::api::{Api, Authorizer, Route};
use everwire_gateway::serve::{Options, Server};
use everwire_gateway::{Config, Functions, Gateway, Stop};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a test waits for what has to happen. Long, because a machine may be busy; no passing test waits it out.
const PATIENCE: Duration = Duration::from_secs(20);

pub const SECRET: &str = "a secret of at least thirty-two bytes";

pub fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

pub fn access_token(user: &str) -> String {
    token::mint(&secret(), Kind::Access, user, token::now(), 60).unwrap()
}

pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Asks again and again until the answer is `Some`.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    within(what, async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
}

type Answer = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync>;

/// Functions that answer as a test says, and show it their events.
#[derive(Clone)]
pub struct Script {
    answers: HashMap<String, Answer>,
    shown: mpsc::UnboundedSender<(String, Value)>,
    events: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, Value)>>>,
}

pub fn ok(_: Value) -> Result<Value, FunctionError> {
    Ok(json!({"statusCode": 200}))
}

pub fn fail(_: Value) -> Result<Value, FunctionError> {
    Err(FunctionError::new("boom"))
}

pub fn policy(effect: &str, resource: &str) -> Value {
    json!({
        "principalId": "alice",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}],
        },
    })
}

impl Script {
    /// No routes, no authorizer.
    pub fn new() -> Self {
        let (shown, events) = mpsc::unbounded_channel();
        let events = Arc::new(tokio::sync::Mutex::new(events));
        Self { answers: HashMap::new(), shown, events }
    }

    pub fn on(
        self,
        name: &str,
        answer: impl Fn(Value) -> Result<Value, FunctionError> + Send + Sync + 'static,
    ) -> Self {
        self.on_async(name, move |event| {
            let result = answer(event);
            async move { result }.boxed()
        })
    }

    pub fn answering(self, name: &str, answer: Value) -> Self {
        self.on(name, move |_| Ok(answer.clone()))
    }

    /// Answers 200 once the gate has a permit.
    pub fn held(self, name: &str, gate: &Arc<Semaphore>) -> Self {
        let gate = Arc::clone(gate);
        self.on_async(name, move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(json!({"statusCode": 200}))
            }
            .boxed()
        })
    }

    pub fn on_async(
        mut self,
        name: &str,
        answer: impl Fn(Value) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync + 'static,
    ) -> Self {
        self.answers.insert(name.to_owned(), Arc::new(answer));
        self
    }

    /// The next event of this function; those of others before it are skipped.
    pub async fn event(&self, function: &str) -> Value {
        let mut events = self.events.lock().await;
        within(&format!("an event of {function}"), async {
            loop {
                let (name, event) = events.recv().await.unwrap();
                if name == function {
                    return event;
                }
            }
        })
        .await
    }

    /// The names of all functions called so far, or since the last time somebody asked.
    pub async fn called(&self) -> Vec<String> {
        self.calls().await.into_iter().map(|(name, _)| name).collect()
    }

    /// As `called`, with the events.
    pub async fn calls(&self) -> Vec<(String, Value)> {
        let mut events = self.events.lock().await;
        std::iter::from_fn(|| events.try_recv().ok()).collect()
    }
}

impl Script {
    /// An API with a route for each answer, called as the answer is, and the authorizer if there is an answer for it.
    pub fn api(&self) -> Api {
        let names = self.answers.keys().filter(|name| *name != "authorizer");
        let api = names.fold(Api::default(), |api, name| api.with_route(name, Route::new(name)));
        Api {
            authorizer: self.answers.contains_key("authorizer").then(|| Authorizer::new("authorizer")),
            ..api
        }
    }
}

impl Functions for Script {
    fn invoke<'a>(&'a self, function: &'a str, event: Value) -> BoxFuture<'a, Result<Value, FunctionError>> {
        self.shown.send((function.to_owned(), event.clone())).unwrap();
        self.answers[function](event)
    }
}

/// A gateway that runs until it is dropped, or told to stop.
pub struct Running {
    pub address: SocketAddr,
    pub script: Script,
    shutdown: CancellationToken,
    is_restart: Arc<AtomicBool>,
    _guard: DropGuard,
    served: Mutex<Option<tokio::task::JoinHandle<()>>>,
    pub http: reqwest::Client,
}

impl Running {
    /// Over scripted functions.
    pub async fn script(script: Script) -> Self {
        Self::script_with(script, Config::default()).await
    }

    pub async fn script_with(script: Script, config: Config) -> Self {
        let api = script.api();
        Self::api(script, api, config).await
    }

    /// Over scripted functions, and an API that is not simply one route for each.
    pub async fn api(script: Script, api: Api, config: Config) -> Self {
        let (listener, address, shutdown) = bind().await;
        let gateway = Gateway::new(address, api, config, Arc::new(script.clone()));
        let (until, is_restart) = stopped(&shutdown);
        let faults = gateway.faults();
        let served = tokio::spawn(async move { gateway.serve(listener, faults, until).await.unwrap() });
        Self::new(address, script, shutdown, is_restart, served)
    }

    /// Over the real backend, its store in memory, with the demo's endpoints.
    pub async fn backend() -> Self {
        Self::backend_with(Some(Duration::from_secs(60))).await
    }

    pub async fn backend_with(demo: Option<Duration>) -> Self {
        Self::backend_config(demo, Config::default()).await
    }

    pub async fn backend_config(demo: Option<Duration>, config: Config) -> Self {
        let (listener, address, shutdown) = bind().await;
        let options = Options { gateway: config, demo, ..Options::new(secret()) };
        let server = Server::new(listener, options).await.unwrap();
        let (until, is_restart) = stopped(&shutdown);
        let served = tokio::spawn(async move { server.run(until).await.unwrap() });
        Self::new(address, Script::new(), shutdown, is_restart, served)
    }

    fn new(
        address: SocketAddr,
        script: Script,
        shutdown: CancellationToken,
        is_restart: Arc<AtomicBool>,
        served: tokio::task::JoinHandle<()>,
    ) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let guard = shutdown.clone().drop_guard();
        Self { address, script, shutdown, is_restart, _guard: guard, served: Mutex::new(Some(served)), http }
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        let served = self.served.lock().unwrap().take().expect("running");
        within("the gateway's end", served).await.unwrap();
    }

    /// Asks it to stop as one that is to be started again, and waits until it has.
    pub async fn restart(&self) {
        self.is_restart.store(true, Ordering::Relaxed);
        self.stop().await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn connect(&self) -> Client {
        Client::connect(&format!("ws://{}/dev", self.address)).await
    }

    pub async fn connect_as(&self, user: &str) -> Client {
        Client::connect(&format!("ws://{}/dev?token={}", self.address, access_token(user))).await
    }

    /// The status of a refused handshake, and its body.
    pub async fn refused(&self, path: &str) -> (u16, String) {
        let request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        match within("a handshake", tokio_tungstenite::connect_async(request)).await {
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8(body).unwrap())
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Asks for a fault, and gives the answer.
    pub async fn fault(&self, fault: Value) -> Value {
        let response = self.http.post(self.url("/faults")).body(fault.to_string()).send().await.unwrap();
        assert!(response.status().is_success(), "{fault}: {}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    /// Ends all standing faults.
    pub async fn end_faults(&self) {
        assert_eq!(self.http.delete(self.url("/faults")).send().await.unwrap().status(), 200);
    }

    /// Fails unless a normal client connects, and its ping is answered.
    pub async fn assert_alive(&self) {
        let mut client = self.connect_as("alive").await;
        client.send(r#"{"action":"ping"}"#).await;
        assert_eq!(client.json().await["action"], "pong");
        client.close(1000, "").await;
    }

    /// Pushes to all connections of a user, over the real backend, and gives the report.
    pub async fn push(&self, user: &str, message: &str) -> Value {
        push(&self.http, &self.address.to_string(), user, message).await
    }

    /// A connected client and its connection id, which `$connect`'s event names.
    pub async fn connect_with_id(&self) -> (Client, String) {
        let client = self.connect().await;
        let event = self.script.event("$connect").await;
        (client, event["requestContext"]["connectionId"].as_str().unwrap().to_owned())
    }
}

/// Asks the gateway on this host to push to all connections of a user, and gives its report.
pub async fn push(http: &reqwest::Client, host: &str, user: &str, message: &str) -> Value {
    let token = token::mint(&secret(), Kind::Push, "test", token::now(), 60).unwrap();
    let url = format!("http://{host}/dev/@users/{user}");
    let request = http.post(url).bearer_auth(token).body(message.to_owned());
    request.send().await.unwrap().json().await.unwrap()
}

/// What a gateway is served until, and what decides how it stops then.
fn stopped(shutdown: &CancellationToken) -> (impl Future<Output = Stop> + use<>, Arc<AtomicBool>) {
    let is_restart = Arc::new(AtomicBool::new(false));
    let (shutdown, asked) = (shutdown.clone().cancelled_owned(), Arc::clone(&is_restart));
    let how = move |()| if asked.load(Ordering::Relaxed) { Stop::Restart } else { Stop::GoAway };
    (shutdown.map(how), is_restart)
}

async fn bind() -> (TcpListener, SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address, CancellationToken::new())
}

/// A WebSocket client.
pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn connect(url: &str) -> Self {
        // Without Nagle's algorithm: what was sent has arrived.
        let connecting = tokio_tungstenite::connect_async_with_config(url, None, true);
        let (socket, _) = within("a handshake", connecting).await.unwrap();
        Self(socket)
    }

    /// A client, unless the handshake is refused. Takes `http` for `ws`.
    pub async fn try_connect(url: &str) -> Option<Self> {
        let url = url.replacen("http", "ws", 1);
        within("a handshake", tokio_tungstenite::connect_async(url))
            .await
            .ok()
            .map(|(socket, _)| Self(socket))
    }

    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next text.
    pub async fn text(&mut self) -> String {
        match within("a message", self.0.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("no text: {other:?}"),
        }
    }

    pub async fn json(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// How the gateway closes the socket: the code and reason of its close frame, or `None` if there is none.
    pub async fn closed(&mut self) -> Option<(u16, String)> {
        let mut closed = None;
        within("the close", async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(frame))) => {
                        closed = Some(frame.map_or((1005, String::new()), |frame| {
                            (frame.code.into(), frame.reason.to_string())
                        }));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                }
            }
        })
        .await;
        closed
    }

    /// Closes with this code and reason, and waits for the end.
    pub async fn close(mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        self.0.close(Some(frame)).await.unwrap();
        self.closed().await;
    }
}
