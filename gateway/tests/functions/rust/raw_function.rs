//! A function without a runtime client: it sends the Runtime API what each event asks for, and answers with what the
//! Runtime API said to that.
//!
//! The event: `{"requests": [{"method", "path", "headers", "body"}], "answer": {"path", "headers", "body"}}`. `ID` in
//! a path is the request id. Without `answer`, the response is what the Runtime API said: the headers of the event, and
//! the answers to these requests and to those of the event before.

use std::error::Error;

use reqwest::{Client, Method};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let api = format!("http://{}", std::env::var("AWS_LAMBDA_RUNTIME_API")?);
    let http = Client::builder().no_proxy().build()?;
    let mut before = Vec::new();
    loop {
        let invocation = http.get(format!("{api}/2018-06-01/runtime/invocation/next")).send().await?;
        let headers = invocation.headers();
        let id = headers["lambda-runtime-aws-request-id"].to_str()?.to_owned();
        let told: Value =
            headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().ok()))).collect();
        let event: Value = invocation.json().await?;
        let mut answers = Vec::new();
        for request in event["requests"].as_array().into_iter().flatten() {
            answers.push(send(&http, &api, &id, request).await?);
        }
        let mut answer = json!({"path": "/2018-06-01/runtime/invocation/ID/response"});
        answer["body"] = json!(json!({"headers": told, "answers": answers, "before": before}).to_string());
        if let Some(asked) = event.get("answer") {
            answer = asked.clone();
        }
        answers.push(send(&http, &api, &id, &answer).await?);
        before = answers;
    }
}

async fn send(http: &Client, api: &str, id: &str, request: &Value) -> Result<Value, Box<dyn Error>> {
    let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
    let method = request["method"].as_str().unwrap_or("POST");
    let mut builder = http
        .request(Method::from_bytes(method.as_bytes())?, format!("{api}{}", text("path").replace("ID", id)));
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        builder = builder.header(name, value.as_str().unwrap_or_default());
    }
    let answer = builder.body(text("body")).send().await?;
    Ok(json!({"status": answer.status().as_u16(), "body": answer.text().await?}))
}
