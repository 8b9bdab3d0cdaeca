//! The keys that a function signs with: those that its role would give it on Lambda.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use crate::sigv4::Credentials;

const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";
const REGION: &str = "AWS_REGION";

/// Variables that lead AWS's SDKs to keys. Any of them says that there are some.
const SOURCES: [&str; 8] = [
    ID,
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What in a profile leads to keys. A profile may also hold only a region.
const SETTINGS: [&str; 7] = [
    "aws_access_key_id",
    "credential_process",
    "login_session",
    "role_arn",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
];

/// Gives a function the gateway's credentials, unless it has its own: a key, its secret and its session token are
/// all from one place. Without credentials it gets made-up ones, because AWS's SDKs refuse to post without any; but
/// those of whoever runs the gateway are left alone, because the function may want to reach AWS. The role of an EC2
/// instance cannot be seen from here: give such a function `AWS_PROFILE`.
pub(super) fn give(credentials: Option<&Credentials>, environment: &mut BTreeMap<String, String>) {
    let has_own = SOURCES.iter().any(|&name| environment.contains_key(name));
    let Some(credentials) = credentials else {
        if !has_own && !are_found(environment) {
            environment.extend([ID, SECRET].map(|name| (name.to_owned(), "local".to_owned())));
        }
        return;
    };
    if ![REGION, "AWS_DEFAULT_REGION"].iter().any(|&name| environment.contains_key(name)) {
        environment.insert(REGION.to_owned(), credentials.region().to_owned());
    }
    if !has_own {
        environment.insert(ID.to_owned(), credentials.access_key_id().to_owned());
        environment.insert(SECRET.to_owned(), credentials.secret_access_key().to_owned());
        environment.extend(credentials.session_token().map(|token| (TOKEN.to_owned(), token.to_owned())));
    }
}

/// Whether an SDK finds keys of whoever runs the gateway: in the variables, or where `aws configure` writes them.
fn are_found(environment: &BTreeMap<String, String>) -> bool {
    if SOURCES.iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return true;
    }
    let home = environment.get("HOME").map(PathBuf::from).or_else(env::home_dir);
    home.is_some_and(|home| {
        let files = [".aws/credentials", ".aws/config"].map(|name| fs::read_to_string(home.join(name)));
        files.into_iter().flatten().any(|text| leads_to_keys(&text))
    })
}

/// Whether the default profile of this file leads to keys. Any other would be named by `AWS_PROFILE`.
fn leads_to_keys(profiles: &str) -> bool {
    let mut is_default = false;
    profiles.lines().map(str::trim).any(|line| {
        if let Some((name, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            is_default = name.split_whitespace().last() == Some("default");
        }
        is_default && line.split_once('=').is_some_and(|(name, _)| SETTINGS.contains(&name.trim()))
    })
}
