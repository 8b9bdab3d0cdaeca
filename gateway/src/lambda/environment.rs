//! The variables that a function sees.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;

use uuid::Uuid;

use super::function::Function;

/// Where functions are if nobody says otherwise: where the gateway's own ARNs are.
const REGION: &str = "us-east-1";

/// What Lambda sets, and no function's configuration may change. The region and the credentials are reserved on AWS
/// too; but there they come from the function's place and role, and a function that runs here has neither.
pub(super) const RESERVED: [&str; 12] = [
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// All variables of one instance: those of the gateway's that are nobody's secret, what Lambda lets a function
/// change, the function's own, and what Lambda sets.
pub(super) fn of(function: &Function, runtime_api: &str) -> BTreeMap<OsString, OsString> {
    let mut all: BTreeMap<OsString, OsString> = env::vars_os().filter(|(key, _)| is_passed_on(key)).collect();
    let region = all.get(&OsString::from("AWS_REGION")).cloned().unwrap_or_else(|| REGION.into());
    all.insert("AWS_REGION".into(), region.clone());
    all.entry("AWS_DEFAULT_REGION".into()).or_insert(region);
    all.insert("TZ".into(), ":UTC".into());
    all.insert("AWS_XRAY_CONTEXT_MISSING".into(), "LOG_ERROR".into());
    all.extend(function.environment.iter().map(|(key, value)| (key.into(), value.into())));
    all.extend(set_by_lambda(function, runtime_api).map(|(key, value)| (key.into(), value)));
    all
}

/// A function on Lambda sees nothing of the machine that it was deployed from. One that runs here needs `PATH` and
/// the like, and expects the AWS credentials of whoever runs it. The gateway's own options stay here, because its
/// secret is one of them; so does what a surrounding Lambda may have set.
fn is_passed_on(key: &OsString) -> bool {
    let key = key.to_string_lossy().to_ascii_uppercase();
    !key.starts_with("EVERWIRE_") && !key.starts_with("AWS_LAMBDA_") && !RESERVED.contains(&key.as_str())
}

fn set_by_lambda(
    function: &Function,
    runtime_api: &str,
) -> impl Iterator<Item = (&'static str, OsString)> + use<> {
    let name = &function.name;
    let today = chrono::Utc::now().format("%Y/%m/%d");
    [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string().into()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.into()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}").into()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", format!("{today}/[$LATEST]{}", Uuid::new_v4().simple()).into()),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.into()),
        // Where a layer or a base image would have its runtime. Here that is part of the function.
        ("LAMBDA_RUNTIME_DIR", function.task_root().into()),
        ("LAMBDA_TASK_ROOT", function.task_root().into()),
        ("_HANDLER", function.handler().into()),
    ]
    .into_iter()
}
