//! A function as it is deployed: `lambda_runtime`, and what API Gateway asks of an authorizer and of routes. It also
//! does what functions do wrong, when a message asks for it.

use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{env, process};

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    match env::var("START").as_deref() {
        Ok("crash") => process::exit(7),
        Ok("hang") => std::future::pending().await,
        _ => lambda_runtime::run(service_fn(handle)).await,
    }
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload: event, context } = event;
    if event["type"] == "REQUEST" {
        return authorize(&event);
    }
    match event["requestContext"]["eventType"].as_str() {
        Some("MESSAGE") => on_message(event["body"].as_str().unwrap_or_default(), &context).await,
        _ => Ok(json!({"statusCode": 200})),
    }
}

fn authorize(event: &Value) -> Result<Value, Error> {
    let effect = match event["queryStringParameters"]["token"].as_str() {
        Some("good") => "Allow",
        Some("known") => "Deny",
        _ => return Err("Unauthorized".into()),
    };
    let statement = json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]});
    Ok(json!({
        "principalId": "alice",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }))
}

async fn on_message(body: &str, context: &Context) -> Result<Value, Error> {
    let message: Value = serde_json::from_str(body)?;
    let text = |key: &str| message[key].as_str().unwrap_or_default();
    let said = match text("action") {
        "echo" => message["data"].clone(),
        "pid" => json!(process::id()),
        "context" => json!({
            "function": context.env_config.function_name,
            "arn": context.invoked_function_arn,
            "request": context.request_id,
            "left_ms": context.deadline().duration_since(SystemTime::now())?.as_millis() as u64,
            "trace": context.xray_trace_id,
        }),
        "environment" => env::vars().collect(),
        "say" => {
            println!("{}", text("data"));
            eprintln!("{}", text("data"));
            Value::Null
        }
        "hold" => {
            hold(Path::new(text("started")), Path::new(text("release"))).await?;
            json!(process::id())
        }
        "huge" => json!("x".repeat(7 * 1024 * 1024)),
        "exit" => process::exit(message["code"].as_i64().unwrap_or_default() as i32),
        "abort" => process::abort(),
        "hang" => std::future::pending().await,
        "child" => json!(process::Command::new("sleep").arg("600").spawn()?.id()),
        _ => return Err("unknown action".into()),
    };
    Ok(json!({"statusCode": 200, "body": said.to_string()}))
}

/// Says that it has started, and waits to be released, both by way of a file.
async fn hold(started: &Path, release: &Path) -> Result<(), Error> {
    std::fs::write(started, "")?;
    while !release.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
