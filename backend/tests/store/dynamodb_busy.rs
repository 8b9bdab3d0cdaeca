//! DynamoDB when it is busy: the emulator never is, so something between says so in its place.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use everwire_backend::store::{self, Store, StoreError};
use serde_json::{Value, json};

use crate::{connection, emulator, ids};

const CONFLICT: &str = r#"{
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]",
    "CancellationReasons": [
        {"Code": "None"},
        {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
    ]
}"#;

const THROTTLE: &str = r#"{
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded"
}"#;

/// What is answered instead of asking the emulator.
#[derive(Clone)]
enum Answer {
    Refusal(&'static str),
    /// Nothing of a batch was done.
    Unprocessed,
}

/// What is between: answers to operations, each given once.
#[derive(Clone, Default)]
struct Between(Arc<Mutex<Vec<(&'static str, Answer)>>>);

impl Between {
    /// A store whose requests all come through here.
    async fn open(&self) -> Arc<dyn Store> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let address = emulator::new_table().replace(emulator::endpoint(), &endpoint);
        store::open(&format!("{address}&create=true")).await.unwrap()
    }

    fn answer(&self, operation: &'static str, answer: Answer, times: usize) {
        self.0.lock().unwrap().extend(std::iter::repeat_n((operation, answer), times));
    }

    fn are_all_given(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }

    fn take(&self, target: &str) -> Option<Answer> {
        let mut answers = self.0.lock().unwrap();
        let at = answers.iter().position(|(operation, _)| target.ends_with(operation))?;
        Some(answers.remove(at).1)
    }
}

async fn pass(State(between): State<Between>, mut headers: HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
    let target = headers["x-amz-target"].to_str().unwrap().to_owned();
    match between.take(&target) {
        Some(Answer::Refusal(error)) => return (StatusCode::BAD_REQUEST, Bytes::from(error)),
        Some(Answer::Unprocessed) => {
            let request: Value = serde_json::from_slice(&body).unwrap();
            let answer = json!({ "UnprocessedItems": request["RequestItems"] });
            return (StatusCode::OK, Bytes::from(answer.to_string()));
        }
        None => {}
    }
    headers.remove("host");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(emulator::endpoint()).headers(headers).body(body).send().await.unwrap();
    (answer.status(), answer.bytes().await.unwrap())
}

#[tokio::test]
async fn a_transaction_that_comes_into_another_ones_way_is_tried_again() {
    let between = Between::default();
    let store = between.open().await;
    between.answer("TransactWriteItems", Answer::Refusal(CONFLICT), 3);
    store.put(&connection("a", "alice", "host", 5)).await.unwrap();
    assert!(between.are_all_given());
    assert_eq!(ids(&store, "alice").await, ["a"]);

    between.answer("TransactWriteItems", Answer::Refusal(CONFLICT), 3);
    store.delete("a").await.unwrap();
    assert!(between.are_all_given());
    assert_eq!(ids(&store, "alice").await, [""; 0]);
}

#[tokio::test]
async fn a_conflict_without_end_is_an_error() {
    let between = Between::default();
    let store = between.open().await;
    between.answer("TransactWriteItems", Answer::Refusal(CONFLICT), 100);
    let error = store.put(&connection("a", "alice", "host", 5)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed(text) if text.contains("busy")), "{error:?}");
}

#[tokio::test]
async fn what_a_batch_leaves_undone_is_done_by_the_next() {
    let between = Between::default();
    let store = between.open().await;
    for n in 0..3 {
        store.put(&connection(&n.to_string(), "alice", "host", n)).await.unwrap();
    }
    between.answer("BatchWriteItem", Answer::Unprocessed, 3);
    assert_eq!(store.clear("host").await.unwrap(), 3);
    assert!(between.are_all_given());
    assert_eq!(ids(&store, "alice").await, [""; 0]);
    assert_eq!(store.domain_names().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_throttle_is_waited_for_and_one_that_stays_is_named() {
    let between = Between::default();
    let store = between.open().await;
    store.put(&connection("a", "alice", "host", 5)).await.unwrap();
    between.answer("Query", Answer::Refusal(THROTTLE), 2);
    assert_eq!(ids(&store, "alice").await, ["a"]);
    between.answer("Query", Answer::Refusal(THROTTLE), 100);
    let error = store.page("alice", None).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Failed(text) if text.starts_with("ProvisionedThroughputExceeded")),
        "{error:?}"
    );
}
