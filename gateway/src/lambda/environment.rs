//! The variables that a function sees.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};

use uuid::Uuid;

use super::function::Function;

/// Where functions are if nobody says otherwise: where the gateway's own ARNs are.
const REGION: &str = "us-east-1";

/// What a region goes by. botocore reads only the second one, most other SDKs only the first.
const REGION_NAMES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

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

/// The names by which a function says who it is. The parts of one identity do not go with those of another: an SDK
/// would send a session token that is not of the key, and the one for JavaScript ignores a key beside a profile.
const IDENTITY: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
];

/// All variables of one instance: those of the gateway's that are nobody's secret, what Lambda lets a function
/// change, the function's own, and what Lambda sets.
pub(super) fn of(function: &Function, runtime_api: &str) -> BTreeMap<OsString, OsString> {
    let has_identity = IDENTITY.iter().any(|&name| function.environment.contains_key(name));
    let inherited =
        env::vars_os().filter(|(key, _)| is_passed_on(key) && !(has_identity && is_identity(key)));
    let mut all: BTreeMap<OsString, OsString> = inherited.collect();
    let region = region(function, &all);
    all.insert("TZ".into(), ":UTC".into());
    all.insert("AWS_XRAY_CONTEXT_MISSING".into(), "LOG_ERROR".into());
    all.extend(function.environment.iter().map(|(key, value)| (key.into(), value.into())));
    all.extend(REGION_NAMES.map(|name| (name.into(), region.clone())));
    all.extend(set_by_lambda(function, runtime_api).map(|(key, value)| (key.into(), value)));
    all
}

/// One region for both names, as on Lambda: some SDKs read only the one, some only the other. The function's own
/// goes before the one of whoever runs the gateway.
fn region(function: &Function, inherited: &BTreeMap<OsString, OsString>) -> OsString {
    let own = REGION_NAMES.iter().filter_map(|&name| function.environment.get(name).map(OsString::from));
    let others = REGION_NAMES.iter().filter_map(|&name| inherited.get(OsStr::new(name)).cloned());
    own.chain(others).find(|region| !region.is_empty()).unwrap_or_else(|| REGION.into())
}

/// A function on Lambda sees nothing of the machine that it was deployed from. One that runs here needs `PATH` and
/// the like, and expects the AWS credentials of whoever runs it. The gateway's own options stay here, because its
/// secret is one of them; so does what a surrounding Lambda may have set.
fn is_passed_on(key: &OsString) -> bool {
    let key = key.to_string_lossy().to_ascii_uppercase();
    !key.starts_with("EVERWIRE_") && !key.starts_with("AWS_LAMBDA_") && !RESERVED.contains(&key.as_str())
}

fn is_identity(key: &OsString) -> bool {
    IDENTITY.contains(&key.to_string_lossy().to_ascii_uppercase().as_str())
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
