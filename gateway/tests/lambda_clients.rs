//! Functions with AWS's own runtime clients: `lambda_runtime`, `awslambdaric` and `aws-lambda-ric`.
#![cfg(unix)]

mod functions;
mod support;

use std::time::Duration;

use everwire_gateway::lambda::Function;
use functions::{Language, Log, One, authorize, connect, gone};
use serde_json::{Value, json};

/// The claims below, for each client.
macro_rules! clients {
    ($($client:ident: $language:expr),*) => {$(
        mod $client {
            use super::*;

            #[tokio::test]
            async fn an_authorizer_allows_denies_and_refuses() {
                super::an_authorizer_allows_denies_and_refuses($language).await;
            }

            #[tokio::test]
            async fn routes_answer() {
                super::routes_answer($language).await;
            }

            #[tokio::test]
            async fn a_function_that_ends_or_aborts_is_started_again() {
                super::a_function_that_ends_or_aborts_is_started_again($language).await;
            }

            #[tokio::test]
            async fn a_function_that_hangs_is_killed_and_started_again() {
                super::a_function_that_hangs_is_killed_and_started_again($language).await;
            }

            #[tokio::test]
            async fn a_function_that_cannot_start_says_why() {
                super::a_function_that_cannot_start_says_why($language).await;
            }

            #[tokio::test]
            async fn a_response_that_is_too_large_is_a_failure_and_the_next_one_is_not() {
                super::a_response_that_is_too_large_is_a_failure_and_the_next_one_is_not($language).await;
            }

            #[tokio::test]
            async fn what_it_writes_is_logged() {
                super::what_it_writes_is_logged($language).await;
            }

            #[tokio::test]
            async fn it_ends_when_it_is_stopped() {
                super::it_ends_when_it_is_stopped($language).await;
            }
        }
    )*};
}

clients!(rust: Language::Rust, python: Language::Python, node: Language::Node);

async fn an_authorizer_allows_denies_and_refuses(language: Language) {
    let function = One::new(language.function());
    let effect = |result: Value| result["policyDocument"]["Statement"][0]["Effect"].clone();
    let allowed = function.invoke(authorize("good")).await.unwrap();
    assert_eq!(allowed["principalId"], "alice");
    assert_eq!(effect(allowed), "Allow");
    assert_eq!(effect(function.invoke(authorize("known")).await.unwrap()), "Deny");
    let refused = function.invoke(authorize("forged")).await.unwrap_err();
    assert!(refused.is_unauthorized(), "{refused}");
}

async fn routes_answer(language: Language) {
    let function = One::new(language.function());
    assert_eq!(function.invoke(connect()).await.unwrap(), json!({"statusCode": 200}));
    let data = json!({"text": "Grüße, 世界 🌍", "number": 0.1, "list": [null, true]});
    assert_eq!(function.say(json!({"action": "echo", "data": data})).await.unwrap(), data);
    assert_eq!(function.failure(json!({"action": "nonsense"})).await, "unknown action");
    let context = function.say(json!({"action": "context"})).await.unwrap();
    assert_eq!(context["function"], "function");
    assert_eq!(context["arn"], "arn:aws:lambda:us-east-1:123456789012:function:function");
    uuid::Uuid::parse_str(context["request"].as_str().unwrap()).unwrap();
    let left_ms = context["left_ms"].as_i64().unwrap();
    assert!((1..=20_000).contains(&left_ms), "{left_ms}");
    assert!(context["trace"].as_str().unwrap().starts_with("Root=1-"), "{context}");
}

async fn a_function_that_ends_or_aborts_is_started_again(language: Language) {
    let function = One::new(language.function());
    let first = function.pid().await;
    let failure = function.failure(json!({"action": "exit", "code": 3})).await;
    assert_eq!(failure, "Runtime exited with error: exit status 3");
    assert_ne!(function.pid().await, first);
    let failure = function.failure(json!({"action": "abort"})).await;
    assert_eq!(failure, "Runtime exited with error: signal: aborted");
    assert_eq!(function.say(json!({"action": "echo", "data": 1})).await.unwrap(), 1);
}

async fn a_function_that_hangs_is_killed_and_started_again(language: Language) {
    let function = One::new(Function { timeout: Duration::from_secs(3), ..language.function() });
    let first = function.pid().await;
    assert_eq!(function.failure(json!({"action": "hang"})).await, "Task timed out after 3.00 seconds");
    gone(first).await;
    assert_ne!(function.pid().await, first);
}

async fn a_function_that_cannot_start_says_why(language: Language) {
    let mut function = language.function();
    function.environment.insert("START".to_owned(), "crash".to_owned());
    let function = One::new(function);
    let expected = match language {
        Language::Rust => "Runtime exited with error: exit status 7",
        // Their clients report it before they end.
        Language::Python | Language::Node => "no database",
    };
    for _ in 0..2 {
        assert_eq!(function.failure(json!({"action": "pid"})).await, expected);
    }
}

async fn a_response_that_is_too_large_is_a_failure_and_the_next_one_is_not(language: Language) {
    let function = One::new(language.function());
    let expected = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(function.failure(json!({"action": "huge"})).await, expected);
    assert_eq!(function.say(json!({"action": "echo", "data": 1})).await.unwrap(), 1);
}

async fn what_it_writes_is_logged(language: Language) {
    let log = Log::begin();
    let name = format!("talker-{language:?}");
    let function = One::new(Function { name: name.clone(), ..language.function() });
    function.say(json!({"action": "say", "data": "Grüße"})).await.unwrap();
    log.contains(&format!("Grüße function={name}")).await;
}

async fn it_ends_when_it_is_stopped(language: Language) {
    let function = One::new(language.function());
    let pid = function.pid().await;
    function.0.stop().await;
    gone(pid).await;
}

#[tokio::test]
async fn a_stream_of_node_is_collected_and_its_failure_is_a_failure() {
    let mut streaming = Language::Node.function();
    streaming.handler = Some("app.stream".to_owned());
    let streaming = One::new(streaming);
    assert_eq!(streaming.say(json!({"action": "echo", "data": "in chunks"})).await.unwrap(), "in chunks");
    assert_eq!(streaming.failure(json!({"action": "nonsense"})).await, "unknown action");
    assert_eq!(streaming.say(json!({"action": "echo", "data": 2})).await.unwrap(), 2);
}
