//! Functions as child processes: their lives, and the Lambda Runtime API that they speak.
#![cfg(unix)]

mod functions;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use everwire_gateway::lambda::{Function, Processes};
use functions::{Hold, Language, Log, One, connect, gone, message, raw};
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{until, within};
use tokio::io::{AsyncBufReadExt, BufReader};

fn function() -> Function {
    Language::Rust.function()
}

/// A function whose start does this.
fn starting(how: &str) -> Function {
    let mut function = function();
    function.environment.insert("START".to_owned(), how.to_owned());
    function
}

// What a function gets.

#[tokio::test]
async fn a_function_is_told_about_its_invocation_as_on_lambda() {
    let raw = One::new(raw());
    let before = chrono::Utc::now().timestamp_millis();
    let mut event = connect();
    event["headers"]["X-Amzn-Trace-Id"] = json!("Root=1-630f637c-74d9e0581d71eb9d0ca0b056");
    let first = raw.invoke(event).await.unwrap();
    let second = raw.invoke(connect()).await.unwrap();
    let told = |result: &Value, name: &str| result["headers"][name].as_str().unwrap().to_owned();

    uuid::Uuid::parse_str(&told(&first, "lambda-runtime-aws-request-id")).unwrap();
    assert_ne!(told(&first, "lambda-runtime-aws-request-id"), told(&second, "lambda-runtime-aws-request-id"));
    let deadline: i64 = told(&first, "lambda-runtime-deadline-ms").parse().unwrap();
    assert!((before + 1..=chrono::Utc::now().timestamp_millis() + 20_000).contains(&deadline), "{deadline}");
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:raw";
    assert_eq!(told(&first, "lambda-runtime-invoked-function-arn"), arn);
    let trace = told(&first, "lambda-runtime-trace-id");
    assert!(trace.starts_with("Root=1-630f637c-74d9e0581d71eb9d0ca0b056;Parent="), "{trace}");
    assert!(told(&second, "lambda-runtime-trace-id").starts_with("Root=1-"));
    assert_eq!(told(&first, "content-type"), "application/json");
}

#[tokio::test]
async fn a_function_sees_lambdas_environment_and_its_own() {
    let mut function = function();
    function.environment.insert("TABLE".to_owned(), "connections".to_owned());
    function.environment.insert("TZ".to_owned(), "Europe/Vienna".to_owned());
    function.environment.insert("AWS_REGION".to_owned(), "eu-west-1".to_owned());
    function.memory_mb = 512;
    let folder = tempfile::tempdir().unwrap();
    function.working_directory = Some(folder.path().to_owned());
    let environment = One::new(function).say(json!({"action": "environment"})).await.unwrap();

    let folder = folder.path().canonicalize().unwrap();
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "function"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/function"),
        ("LAMBDA_TASK_ROOT", folder.to_str().unwrap()),
        ("TABLE", "connections"),
        ("TZ", "Europe/Vienna"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("PATH", &std::env::var("PATH").unwrap()),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    assert!(environment["_HANDLER"].as_str().unwrap().ends_with("lambda_function"));
    assert!(environment["AWS_LAMBDA_LOG_STREAM_NAME"].as_str().unwrap().contains("/[$LATEST]"));
}

// What a function answers.

#[tokio::test]
async fn only_the_invocation_under_way_can_be_answered_and_only_once() {
    let raw = One::new(raw());
    let other = "/2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    let requests = json!([
        {"path": format!("{other}/response"), "body": "1"},
        {"path": format!("{other}/error"), "body": "{}"},
        {"path": "/2018-06-01/runtime/init/error", "body": "{}"},
        {"path": "/2018-06-01/runtime/invocation/ID/response", "body": "2"},
        {"path": "/2018-06-01/runtime/invocation/ID/response", "body": "3"},
        {"path": "/2018-06-01/runtime/invocation/ID/error", "body": "{}"},
    ]);
    assert_eq!(raw.invoke(json!({"requests": requests})).await.unwrap(), 2);

    let said = raw.invoke(json!({})).await.unwrap()["before"].take();
    let invalid_id = json!({"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"});
    let transition = |from: &str, to: &str| {
        let message = format!(
            "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
        );
        json!({"errorMessage": message, "errorType": "InvalidStateTransition"})
    };
    let sent = "RuntimeResponseSentState";
    for (index, (status, body)) in [
        (400, invalid_id.clone()),
        (400, invalid_id),
        (403, transition("Running", "InitError")),
        (202, json!({"status": "OK"})),
        (403, transition(sent, "InvocationResponse")),
        (403, transition(sent, "InvocationErrorResponse")),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(said[index]["status"], status, "request {index}");
        assert_eq!(serde_json::from_str::<Value>(said[index]["body"].as_str().unwrap()).unwrap(), body);
    }
}

#[tokio::test]
async fn an_event_that_is_asked_for_twice_is_the_same_event() {
    let raw = One::new(raw());
    let event = json!({"requests": [{"method": "GET", "path": "/2018-06-01/runtime/invocation/next"}]});
    let result = raw.invoke(event.clone()).await.unwrap();
    let again: Value = serde_json::from_str(result["answers"][0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(again, event);
}

#[tokio::test]
async fn an_error_report_is_its_message_and_nothing_else() {
    let raw = One::new(raw());
    let report =
        |body: &str| json!({"answer": {"path": "/2018-06-01/runtime/invocation/ID/error", "body": body}});
    let unauthorized = raw.invoke(report(r#"{"errorType": "Error", "errorMessage": "Unauthorized"}"#)).await;
    assert!(unauthorized.unwrap_err().is_unauthorized());
    for body in ["", "not JSON", "{}", r#"{"errorMessage": 7}"#, "[]"] {
        let error = raw.invoke(report(body)).await.unwrap_err();
        assert_eq!(error.to_string(), "the function reported an error without an errorMessage");
    }
}

#[tokio::test]
async fn a_response_that_is_not_json_is_a_failure() {
    let raw = One::new(raw());
    let deep = "[".repeat(100_000);
    for body in ["", "{", "hello", "\"open", deep.as_str()] {
        let event = json!({"answer": {"path": "/2018-06-01/runtime/invocation/ID/response", "body": body}});
        let error = raw.invoke(event).await.unwrap_err().to_string();
        assert!(error.starts_with("the function's response is not JSON: "), "{error}");
    }
    assert!(raw.invoke(json!({})).await.is_ok());
}

#[tokio::test]
async fn a_response_over_6_mb_is_refused_and_one_of_6_mb_is_not() {
    let raw = One::new(raw());
    let limit = 6 * 1024 * 1024 + 100;
    // With the quotes, one byte over the limit, and just at it.
    let response = |bytes: usize| json!("x".repeat(bytes - 2)).to_string();
    let event = |body: String| json!({"answer": {"path": "/2018-06-01/runtime/invocation/ID/response", "body": body}});
    let error = raw.invoke(event(response(limit + 1))).await.unwrap_err().to_string();
    assert_eq!(error, "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    let said = raw.invoke(json!({})).await.unwrap()["before"].take();
    assert_eq!(said[0]["status"], 413);
    let expected = json!({
        "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "RequestEntityTooLarge",
    });
    assert_eq!(serde_json::from_str::<Value>(said[0]["body"].as_str().unwrap()).unwrap(), expected);
    assert!(raw.invoke(event(response(limit))).await.is_ok());
}

#[tokio::test]
async fn a_streamed_response_is_collected_and_an_unknown_mode_is_a_failure() {
    let raw = One::new(raw());
    let event = |mode: &str| {
        let headers = json!({"Lambda-Runtime-Function-Response-Mode": mode});
        json!({"answer": {"path": "/2018-06-01/runtime/invocation/ID/response", "headers": headers, "body": "7"}})
    };
    assert_eq!(raw.invoke(event("streaming")).await.unwrap(), 7);
    let error = raw.invoke(event("sideways")).await.unwrap_err().to_string();
    assert!(error.contains("unknown Lambda-Runtime-Function-Response-Mode"), "{error}");
    assert_eq!(raw.invoke(json!({})).await.unwrap()["before"][0]["status"], 400);
}

#[tokio::test]
async fn an_extension_that_wants_no_events_is_registered_and_others_are_not() {
    let raw = One::new(raw());
    let register = |headers: Value, body: &str| json!({"path": "/2020-01-01/extension/register", "headers": headers, "body": body});
    let named = || json!({"Lambda-Extension-Name": "shutdown"});
    let typed =
        |content_type: &str| json!({"Lambda-Extension-Name": "shutdown", "Content-Type": content_type});
    let none = r#"{"events": []}"#;
    let cases = [
        (named(), none, None),
        (named(), "{}", None),
        (typed("application/json"), none, None),
        (typed("application/x-www-form-urlencoded"), none, None),
        (json!({}), none, Some("Extension.InvalidExtensionName")),
        (json!({"Lambda-Extension-Name": ""}), none, Some("Extension.InvalidExtensionName")),
        (named(), r#"{"events": ["INVOKE"]}"#, Some("Extension.InvalidEventType")),
        (named(), "", Some("InvalidRequestFormat")),
        (named(), r#"{"events": "INVOKE"}"#, Some("InvalidRequestFormat")),
    ];
    let requests: Vec<Value> =
        cases.iter().map(|(headers, body, _)| register(headers.clone(), body)).collect();
    let said = raw.invoke(json!({"requests": requests})).await.unwrap();
    for ((headers, body, refused), answer) in cases.iter().zip(said["answers"].as_array().unwrap()) {
        let said: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        match refused {
            None => assert_eq!(
                (&answer["status"], &said["functionName"], &said["functionVersion"]),
                (&json!(200), &json!("raw"), &json!("$LATEST")),
                "{headers} {body}"
            ),
            Some(error) => assert_eq!(
                (&answer["status"], &said["errorType"]),
                (&json!(403), &json!(error)),
                "{headers} {body}"
            ),
        }
    }
}

#[tokio::test]
async fn pages_in_a_browser_cannot_read_events() {
    let function = One::new(function());
    let environment = function.say(json!({"action": "environment"})).await.unwrap();
    let address = environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap();
    let url = format!("http://{address}/2018-06-01/runtime/invocation/next");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (name, value) in [
        ("Host", "evil.example.com"),
        ("Origin", "https://evil.example.com"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        let answer = within(name, http.get(&url).header(name, value).send()).await.unwrap();
        assert_eq!(answer.status(), 403, "{name}");
    }
}

// Instances.

#[tokio::test]
async fn an_instance_is_used_again() {
    let function = One::new(function());
    let first = function.pid().await;
    assert_eq!(function.pid().await, first);
}

#[tokio::test]
async fn as_many_instances_as_allowed_run_at_once_and_the_next_invocation_waits_for_one_of_them() {
    let function = One::new(Function { concurrency: 2, ..function() });
    let (first, second) = (Hold::new(), Hold::new());
    let third = async {
        first.started().await;
        second.started().await;
        let mut third = Box::pin(function.pid());
        // It is asked now, and has to wait.
        assert!(futures_util::poll!(&mut third).is_pending());
        first.release();
        let pid = third.await;
        second.release();
        pid
    };
    let invocations =
        async { futures_util::join!(function.say(first.message()), function.say(second.message()), third) };
    let (first, second, third) = within("three invocations", invocations).await;
    assert_ne!(first.as_ref().unwrap(), second.as_ref().unwrap());
    assert_eq!(first.unwrap(), third);
}

#[tokio::test]
async fn an_invocation_does_not_wait_for_ever_for_a_free_instance() {
    let function = One::new(Function { timeout: Duration::from_secs(3), ..function() });
    let (first, second) = (Hold::new(), Hold::new());
    let third = async {
        first.started().await;
        let mut second = Box::pin(function.say(second.message()));
        // It waits before the third one does, so that what the first one leaves free is for it.
        assert!(futures_util::poll!(&mut second).is_pending());
        function.failure(json!({"action": "pid"})).await
    };
    let (_, third) = futures_util::join!(function.say(first.message()), third);
    let expected = "no instance of the function \"function\" got free in 3s: raise its concurrency of 1";
    assert_eq!(third, expected);
}

#[tokio::test]
async fn an_invocation_goes_on_when_nobody_waits_for_it_any_more() {
    let function = One::new(function());
    let hold = Hold::new();
    tokio::select! {
        said = function.say(hold.message()) => panic!("not held: {said:?}"),
        () = hold.started() => {}
    }
    let mut next = Box::pin(function.pid());
    assert!(futures_util::poll!(&mut next).is_pending());
    let next = async {
        hold.release();
        next.await
    };
    within("the next invocation", next).await;
}

// Functions that fail.

#[tokio::test]
async fn a_function_that_exits_is_a_failure_and_started_again() {
    let function = One::new(function());
    let first = function.pid().await;
    let failure = function.failure(json!({"action": "exit", "code": 1})).await;
    assert_eq!(failure, "Runtime exited with error: exit status 1");
    gone(first).await;
    let second = function.pid().await;
    assert_ne!(first, second);
    let failure = function.failure(json!({"action": "exit", "code": 0})).await;
    assert_eq!(failure, "Runtime exited without providing a reason");
    let failure = function.failure(json!({"action": "abort"})).await;
    assert_eq!(failure, "Runtime exited with error: signal: aborted");
    assert_ne!(function.pid().await, second);
}

#[tokio::test]
async fn an_instance_that_ends_between_two_invocations_is_replaced() {
    let function = One::new(function());
    let first = function.pid().await;
    assert!(
        std::process::Command::new("kill").args(["-KILL", &first.to_string()]).status().unwrap().success()
    );
    // Not only ended: the gateway has been told of it.
    until("the end of the instance", || async { (!exists(first)).then_some(()) }).await;
    assert_ne!(function.pid().await, first);
}

#[tokio::test]
async fn a_function_that_hangs_is_killed_at_its_timeout_and_started_again() {
    let function = One::new(Function { timeout: Duration::from_millis(2500), ..function() });
    let first = function.pid().await;
    let failure = function.failure(json!({"action": "hang"})).await;
    assert_eq!(failure, "Task timed out after 2.50 seconds");
    gone(first).await;
    assert_ne!(function.pid().await, first);
}

#[tokio::test]
async fn what_a_function_has_started_ends_with_it() {
    let function = One::new(function());
    let child = function.say(json!({"action": "child"})).await.unwrap().as_u64().unwrap();
    function.failure(json!({"action": "exit", "code": 1})).await;
    gone(child).await;
}

#[tokio::test]
async fn a_function_that_cannot_start_is_a_failure_and_tried_again_more_and_more_slowly() {
    let function = One::new(starting("crash"));
    let begun = Instant::now();
    for _ in 0..4 {
        assert_eq!(function.failure(json!({})).await, "Runtime exited with error: exit status 7");
    }
    // The second start does not wait.
    assert!(begun.elapsed() >= Duration::from_millis(100 + 200), "{:?}", begun.elapsed());
}

/// Ten events at once are one failure: the next start does not wait for 2 s. It is one start for ten events too.
#[tokio::test]
async fn a_burst_of_events_for_a_function_that_cannot_start_is_one_more_try() {
    let folder = tempfile::tempdir().unwrap();
    let function = One::new(Function {
        working_directory: Some(folder.path().to_owned()),
        concurrency: 10,
        ..Function::new("broken", ["sh", "-c", "echo started >> starts; exit 7"])
    });
    let starts = || fs::read_to_string(folder.path().join("starts")).unwrap().lines().count();
    let burst = async || {
        let failures = join_all((0..10).map(|_| function.failure(json!({})))).await;
        assert_eq!(failures, ["Runtime exited with error: exit status 7"; 10]);
    };
    burst().await;
    let (first, begun) = (starts(), Instant::now());
    burst().await;
    assert_eq!(starts(), first + 1);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn events_that_wait_for_a_function_to_start_again_are_all_handled_when_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let program = raw().command.remove(0);
    let function = One::new(Function {
        working_directory: Some(folder.path().to_owned()),
        concurrency: 4,
        ..Function::new("mended", ["sh", "-c", "test -e mended || exit 7; exec \"$0\"", &program])
    });
    function.failure(json!({})).await;
    fs::write(folder.path().join("mended"), "").unwrap();
    let results = join_all((0..4).map(|_| function.invoke(json!({})))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

#[tokio::test]
async fn a_function_that_hangs_before_its_first_event_is_killed_when_its_start_and_its_timeout_are_over() {
    let (start_timeout, timeout) = (Duration::from_millis(300), Duration::from_millis(500));
    let function = One::new(Function { start_timeout, timeout, ..starting("hang") });
    let begun = Instant::now();
    assert_eq!(function.failure(json!({})).await, "Task timed out after 0.50 seconds");
    assert!(begun.elapsed() >= start_timeout + timeout, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_function_that_cannot_be_run_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "not a program").unwrap();
    fs::set_permissions(&text, fs::Permissions::from_mode(0o600)).unwrap();
    let run = async |function: Function| One::new(function).invoke(json!({})).await.unwrap_err().to_string();

    let missing = run(Function::new("echo", ["no-such-program"])).await;
    assert!(
        missing.starts_with("cannot start the function \"echo\" with \"no-such-program\": "),
        "{missing}"
    );
    assert!(missing.ends_with("; give a program that is in PATH, or its path"), "{missing}");
    let not_executable = run(Function::new("echo", [text.to_str().unwrap()])).await;
    assert!(not_executable.ends_with("; make it executable (chmod +x)"), "{not_executable}");
    let nowhere = Function { working_directory: Some(folder.path().join("nowhere")), ..raw() };
    let nowhere = run(nowhere).await;
    assert!(nowhere.contains("its working directory") && nowhere.ends_with("is no folder"), "{nowhere}");
}

#[tokio::test]
async fn a_relative_program_is_sought_from_the_working_directory() {
    let folder = tempfile::tempdir().unwrap();
    let program = raw().command.remove(0);
    std::os::unix::fs::symlink(program, folder.path().join("bootstrap")).unwrap();
    let function = Function {
        working_directory: Some(folder.path().to_owned()),
        ..Function::new("echo", ["./bootstrap"])
    };
    assert!(One::new(function).invoke(json!({})).await.is_ok());
}

#[test]
fn a_function_that_could_never_run_is_refused() {
    let refused = |function: Function| Processes::new([function]).unwrap_err().to_string();
    let function = || Function::new("echo", ["bootstrap"]);
    let cases = [
        (Function { name: "$connect".to_owned(), ..function() }, "cannot be a function's name"),
        (Function { command: Vec::new(), ..function() }, "has no command"),
        (Function { timeout: Duration::ZERO, ..function() }, "has a timeout of 0ns"),
        (Function { timeout: Duration::from_secs(901), ..function() }, "900 s at most"),
        (Function { memory_mb: 64, ..function() }, "64 MB of memory"),
        (Function { concurrency: 0, ..function() }, "concurrency of 0"),
    ];
    for (function, expected) in cases {
        let error = refused(function);
        assert!(error.contains(expected), "{error}");
    }
    let mut reserved = function();
    reserved.environment.insert("_HANDLER".to_owned(), "app.handler".to_owned());
    assert!(refused(reserved).contains("sets _HANDLER, which Lambda sets itself"));
    let twice = Processes::new([function(), function()]).unwrap_err().to_string();
    assert_eq!(twice, "there are two functions \"echo\": give one of them another name");
}

#[tokio::test]
async fn no_value_of_an_environment_and_no_event_is_in_debug_output() {
    let mut function = function();
    function.environment.insert("DATABASE_URL".to_owned(), "postgres://user:password@host".to_owned());
    let (function, hold) = (One::new(function), Hold::new());
    let look = async {
        hold.started().await;
        let shown = format!("{:?}", function.0);
        hold.release();
        shown
    };
    let (_, shown) = futures_util::join!(function.say(hold.message()), look);
    assert!(shown.contains("DATABASE_URL") && !shown.contains("password"), "{shown}");
    assert!(!shown.contains("hold"), "{shown}");
}

#[tokio::test]
async fn a_function_that_does_not_exist_is_a_failure() {
    let processes = Processes::new([function()]).unwrap();
    assert!(processes.contains("function") && !processes.contains("other"));
    let error = processes.invoke("other", json!({})).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no function \"other\": its name is not configured");
}

// The log.

#[tokio::test]
async fn what_a_function_writes_is_logged_under_its_name_and_its_events_are_not() {
    let log = Log::begin();
    let function = One::new(Function { name: "talker".to_owned(), ..function() });
    let mut event = message(&json!({"action": "say", "data": "to both\nof them"}));
    event["queryStringParameters"] = json!({"token": "header.claims.signature"});
    function.invoke(event).await.unwrap();
    log.contains("to both function=talker").await;
    log.contains("of them function=talker").await;
    assert!(!log.text().contains("header.claims.signature"));
}

#[tokio::test]
async fn a_function_that_writes_more_than_anybody_reads_is_not_held_up() {
    let function = One::new(function());
    let message = json!({"action": "say", "data": "x".repeat(2 * 1024 * 1024)});
    within("the answer", function.say(message)).await.unwrap();
}

// The end.

#[tokio::test]
async fn stop_ends_every_instance_and_what_it_has_started() {
    let function = One::new(Function { concurrency: 2, ..function() });
    let hold = Hold::new();
    let stop = async {
        hold.started().await;
        let idle = function.pid().await;
        let child = function.say(json!({"action": "child"})).await.unwrap().as_u64().unwrap();
        within("the stop", function.0.stop()).await;
        // They are gone already; the children may need a moment more.
        assert!(!exists(idle));
        gone(child).await;
    };
    let (held, ()) = futures_util::join!(function.say(hold.message()), stop);
    let stopped = "the function \"function\" was stopped with its gateway";
    assert_eq!(held.unwrap_err().to_string(), stopped);
    assert_eq!(function.failure(json!({"action": "pid"})).await, stopped);
    within("a second stop", function.0.stop()).await;
}

#[tokio::test]
async fn stop_ends_a_function_that_is_starting() {
    let function = One::new(starting("hang"));
    let mut starting = Box::pin(function.invoke(json!({})));
    assert!(futures_util::poll!(&mut starting).is_pending());
    within("the stop", function.0.stop()).await;
    let error = within("the invocation", starting).await.unwrap_err();
    assert_eq!(error.to_string(), "the function \"function\" was stopped with its gateway");
}

#[tokio::test]
async fn processes_that_are_dropped_end() {
    let function = One::new(function());
    let pid = function.pid().await;
    drop(function);
    gone(pid).await;
}

fn exists(pid: u64) -> bool {
    let output = std::process::Command::new("ps").args(["-p", &pid.to_string()]).output().unwrap();
    output.status.success()
}

/// Runs this test again as the gateway's process, and kills that.
#[tokio::test]
async fn a_function_that_hangs_ends_with_a_gateway_that_is_killed_and_never_sees_its_secret() {
    const GATEWAY: &str = "EVERWIRE_TEST_GATEWAY";
    if std::env::var_os(GATEWAY).is_some() {
        return run_a_function_that_hangs().await;
    }
    let name = "a_function_that_hangs_ends_with_a_gateway_that_is_killed_and_never_sees_its_secret";
    let mut gateway = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(GATEWAY, "1")
        .env("EVERWIRE_SECRET", "a secret of at least thirty-two bytes")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(gateway.stdout.take().unwrap()).lines();
    let said = within("what it says", async {
        loop {
            let line = lines.next_line().await.unwrap().expect("a line of JSON");
            if let Ok(said @ Value::Object(_)) = serde_json::from_str(&line) {
                return said;
            }
        }
    })
    .await;
    let keys = said["environment"].as_array().unwrap();
    assert!(keys.contains(&json!("PATH")) && !keys.contains(&json!("EVERWIRE_SECRET")), "{keys:?}");
    let pid = said["pid"].as_u64().unwrap();
    assert!(exists(pid));
    gateway.kill().await.unwrap();
    gone(pid).await;
}

/// Starts a function that hangs, says what it sees, and waits to be killed.
async fn run_a_function_that_hangs() {
    let function = One::new(Function { timeout: Duration::from_secs(60), ..function() });
    let environment = function.say(json!({"action": "environment"})).await.unwrap();
    let keys: Vec<&String> = environment.as_object().unwrap().keys().collect();
    println!("\n{}", json!({"pid": function.pid().await, "environment": keys}));
    drop(function.say(json!({"action": "hang"})).await);
}
