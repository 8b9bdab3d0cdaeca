//! Own routes beside and in place of the built-in ones, and which event goes where.

mod support;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use everwire_backend::push::Reason;
use everwire_backend::store;
use everwire_backend::token::{self, Kind, Secret};
use everwire_backend::{Backend, Config, FunctionError, Request, Response, routes};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use support::{Management, backend, config, now_ms};

#[derive(Deserialize)]
struct MarkRead {
    notification: u64,
}

async fn mark_read(request: Request) -> Result<(), FunctionError> {
    let MarkRead { notification } = request.json()?;
    request.reply(json!({ "read": notification, "by": request.user() })).await
}

async fn pushes(backend: &Backend, management: &Management, route: &str, body: &str) -> Vec<String> {
    let result = backend.handle(management.message(route, "here", body)).await.unwrap();
    assert_eq!(result["statusCode"], 200);
    management.posts().into_iter().map(|(_, message)| message).collect()
}

fn connect(connection_id: &str, management: &Management) -> Value {
    let mut event = management.message("$connect", connection_id, "");
    event["requestContext"]["connectedAt"] = now_ms().into();
    event
}

#[tokio::test]
async fn an_own_route_gets_its_message_typed_and_answers_with_the_messages_id() {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let backend = backend.route("markRead", mark_read);
    assert!(backend.route_keys().any(|key| key == "markRead"));
    let body = r#"{"action":"markRead","notification":7,"id":"q-1"}"#;
    assert_eq!(
        pushes(&backend, &management, "markRead", body).await,
        [r#"{"by":"alice","read":7,"id":"q-1"}"#]
    );
}

#[tokio::test]
async fn the_built_in_routes_are_those_that_are_announced() {
    let (backend, _) = backend().await;
    let keys: std::collections::BTreeSet<_> = backend.route_keys().collect();
    assert_eq!(keys, Backend::ROUTES.into());
}

#[tokio::test]
async fn a_message_of_another_shape_fails_the_route_and_says_what_is_wrong() {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let backend = backend.route("markRead", mark_read);
    for body in [r#"{"notification":"seven"}"#, "{}", "[]", "not JSON", ""] {
        let error = backend.handle(management.message("markRead", "here", body)).await.unwrap_err();
        assert!(error.to_string().contains("not as this route expects"), "{body}: {error}");
    }
}

#[tokio::test]
async fn what_a_client_wrote_is_not_in_the_error_of_its_route() {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Kind {
        Sent,
        Read,
    }
    #[derive(Deserialize)]
    struct Typed {
        notification: u64,
        kind: Kind,
    }
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let backend = backend
        .route("typed", async |request: Request| {
            let Typed { notification, kind: Kind::Sent | Kind::Read } = request.json()?;
            request.push(notification).await
        })
        .route(
            "own",
            async |request: Request| Ok(serde_json::from_str::<Typed>(request.text()).map(|_| ())?),
        );
    for (body, said) in [
        (r#"{"notification":"hunter2"}"#, "expected u64"),
        (r#"{"notification":"hunter2`\"hunter2"}"#, "expected u64"),
        (r#"{"notification":7,"kind":"hunter2"}"#, "unknown variant"),
        (r#"{"notification":7,"kind":"hunter2`, hunter2"}"#, "unknown variant"),
        (r#"{"notification":-4802}"#, "expected u64"),
        (r#"{"kind":"read"}"#, "missing field `notification`"),
    ] {
        for route in ["typed", "own"] {
            let error = backend.handle(management.message(route, "here", body)).await.unwrap_err();
            let error = error.to_string();
            assert!(error.contains(said), "{error}");
            assert!(!error.contains("hunter2") && !error.contains("4802"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_route_key_that_nobody_has_goes_to_default_and_an_own_default_replaces_it() {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let body = r#"{"action":"dance"}"#;
    let answers = pushes(&backend, &management, "dance", body).await;
    assert!(answers[0].contains("no route for action"), "{answers:?}");

    let management = Management::start().await;
    let backend = backend.route("$default", async |request: Request| request.push("what?").await);
    assert_eq!(pushes(&backend, &management, "dance", body).await, ["\"what?\""]);
}

#[tokio::test]
async fn an_own_connect_may_wrap_the_built_in_one_and_choose_a_subprotocol() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    let backend = backend.route("$connect", async |request: Request| {
        if request.connection_id()? == "unwanted" {
            return Ok(Response::status(403, "not you"));
        }
        let response = routes::connect(request).await?;
        Ok(response.header("Sec-WebSocket-Protocol", "chat"))
    });
    let refused = backend.handle(connect("unwanted", &management)).await.unwrap();
    assert_eq!(refused, json!({ "statusCode": 403, "body": "not you" }));
    assert!(store.page("alice", None).await.unwrap().connections.is_empty());

    let accepted = backend.handle(connect("wanted", &management)).await.unwrap();
    assert_eq!(accepted["headers"], json!({ "Sec-WebSocket-Protocol": "chat" }));
    assert_eq!(store.page("alice", None).await.unwrap().connections[0].connection_id, "wanted");
}

#[tokio::test]
async fn a_route_sends_to_other_users_and_sees_the_store_and_the_context() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    store.put(&management.connection("bobs", "bob")).await.unwrap();
    let backend = backend.route("greet", async |request: Request| {
        let tenant = request.context("tenant").cloned();
        let connected = request.store().page("bob", None).await?.connections.len();
        let report = request.send("bob", json!({ "tenant": tenant })).await?;
        request.reply([connected, report.delivered]).await
    });
    let mut event = management.message("greet", "here", "{}");
    event["requestContext"]["authorizer"]["tenant"] = "acme".into();
    backend.handle(event).await.unwrap();
    let [(bobs, greeting), (here, answer)] = &management.posts()[..] else { panic!("not two posts") };
    assert_eq!((bobs.as_str(), here.as_str(), answer.as_str()), ("bobs", "here", "[1,1]"));
    assert!(greeting.starts_with(r#"{"tenant":"acme","everwire":"#), "{greeting}");
}

#[tokio::test]
async fn an_answer_with_an_id_of_its_own_keeps_it() {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let backend = backend.route("own", async |request: Request| request.reply(json!({ "id": 1 })).await);
    assert_eq!(pushes(&backend, &management, "own", r#"{"id":2}"#).await, [r#"{"id":1}"#]);
}

#[tokio::test]
async fn an_event_with_user_and_message_is_pushed_to_the_user_and_answered_with_the_report() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    for id in ["gone", "here", "large"] {
        store.put(&management.connection(id, "alice")).await.unwrap();
    }
    let event = json!({ "user": "alice", "message": { "title": "Hi" } });
    let report = backend.handle(event).await.unwrap();
    let reason = serde_json::to_value(Reason::TooLarge).unwrap();
    let reason = reason.as_str().unwrap();
    assert_eq!(report, json!({ "delivered": 1, "gone": 1, "failed": 1, "reasons": { reason: 1 } }));
    assert!(management.posts()[0].1.starts_with(r#"{"title":"Hi","everwire":"#));
}

#[tokio::test]
async fn an_event_of_no_known_kind_fails_and_says_what_is_missing() {
    let (backend, _) = backend().await;
    for (event, what) in [
        (json!(null), "none of a WebSocket API's"),
        (json!([1]), "none of a WebSocket API's"),
        (json!({}), "none of a WebSocket API's"),
        (json!({"type": "TOKEN"}), "REQUEST"),
        (json!({"type": 1}), "REQUEST"),
        (json!({"requestContext": null}), "routeKey"),
        (json!({"requestContext": {"routeKey": 1}}), "routeKey"),
        (json!({"requestContext": {"routeKey": "$connect"}}), "connectedAt"),
        (json!({"user": "alice"}), "message"),
        (json!({"user": 1, "message": "Hi"}), "string"),
        (json!({"user": "alice", "message": 1, "extra": 1}), "extra"),
    ] {
        let error = backend.handle(event.clone()).await.unwrap_err();
        assert!(error.to_string().contains(what) && !error.is_unauthorized(), "{event}: {error}");
    }
}

#[tokio::test]
async fn an_event_that_is_not_understood_is_not_cited() {
    let (management, (backend, _)) = (Management::start().await, backend().await);
    let mut event = connect("here", &management);
    event["queryStringParameters"] = "token=\"eyJhbGci\"".into();
    let error = backend.handle(event).await.unwrap_err().to_string();
    assert!(error.contains("invalid type") && !error.contains("eyJ"), "{error}");
}

#[test]
fn a_request_does_not_show_its_event_in_debug_output() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (management, (backend, _)) = (Management::start().await, backend().await);
        let backend = backend
            .route("$connect", async |request: Request| Ok(Response::status(200, format!("{request:?}"))));
        let mut event = connect("here", &management);
        event["queryStringParameters"] = json!({ "token": "eyJhbGci" });
        let shown = backend.handle(event).await.unwrap()["body"].to_string();
        assert!(shown.contains("here") && !shown.contains("eyJ"), "{shown}");
    });
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        prop_oneof![Just("REQUEST"), Just("$connect"), Just("$default"), Just("echo")].prop_map(Value::from),
    ];
    let keys = prop_oneof![
        "[a-z]{1,5}",
        prop::sample::select(vec![
            "type",
            "methodArn",
            "queryStringParameters",
            "token",
            "requestContext",
            "routeKey",
            "connectionId",
            "connectedAt",
            "requestTimeEpoch",
            "authorizer",
            "principalId",
            "domainName",
            "stage",
            "body",
            "user",
            "message",
            "headers",
            "isBase64Encoded",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(keys.clone(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

static TRIED: AtomicUsize = AtomicUsize::new(0);

/// For events that go nowhere: nothing listens at the domain names that may be in them.
static NOWHERE: LazyLock<(tokio::runtime::Runtime, Backend)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let endpoint = "http://127.0.0.1:1/dev".parse().unwrap();
    let store = runtime.block_on(store::open(":memory:")).unwrap();
    let backend = Backend::new(Config { endpoint, ..config() }, store);
    (runtime, backend)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    fn no_event_makes_it_panic_or_lets_anybody_in(event in any_json(), route in any::<bool>()) {
        let (runtime, backend) = &*NOWHERE;
        let mut event = event;
        if route && event.is_object() {
            // Far enough to reach the routes.
            for (name, value) in [("routeKey", json!("echo")), ("connectedAt", json!(0)), ("requestTimeEpoch", json!(0))] {
                if let Some(context) = event["requestContext"].as_object_mut() {
                    context.entry(name).or_insert(value);
                }
            }
        }
        let answer = runtime.block_on(backend.handle(event.clone()));
        prop_assert!(answer.is_err() || event.get("type").is_none(), "{event}: {answer:?}");
        TRIED.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn arbitrary_events_make_nothing_panic_and_let_nobody_in() {
    no_event_makes_it_panic_or_lets_anybody_in();
    println!("{} arbitrary events tried", TRIED.load(Ordering::Relaxed));
}

#[tokio::test]
async fn one_function_answers_for_authorizer_and_routes() {
    let (backend, _) = backend().await;
    let secret = Secret::new("a secret of at least thirty-two bytes").unwrap();
    let event = json!({
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/$connect",
        "queryStringParameters": { "token": token::mint(&secret, Kind::Access, "alice", token::now(), 60).unwrap() },
        "requestContext": { "routeKey": "$connect" },
    });
    assert_eq!(backend.handle(event).await.unwrap()["principalId"], "alice");
}
