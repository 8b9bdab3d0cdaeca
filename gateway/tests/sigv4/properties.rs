//! Whatever is signed is let in, whatever is changed afterwards is not, and nothing panics.

use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::signing::{Draft, Signer, credentials, noon};

const CASES: u32 = 1_000;

/// Runs a property over generated inputs, and prints how many there were.
fn check<S: Strategy>(what: &str, strategy: &S, property: impl Fn(S::Value) -> Result<usize, TestCaseError>) {
    let tried = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(CASES) });
    let outcome = runner.run(strategy, |input| {
        tried.set(tried.get() + property(input)?);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
    println!("{what}: {} inputs tried", tried.get());
}

fn path() -> impl Strategy<Value = String> {
    let segment = "([A-Za-z0-9_.~@=+$!*'(),;:&-]|%[0-9A-F]{2}){0,12}";
    prop::collection::vec(segment, 1..5).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn query() -> impl Strategy<Value = String> {
    let pair = "([A-Za-z0-9_.~+-]|%[2-7][0-9A-F]){1,8}(=([A-Za-z0-9_.~+=/-]|%[2-7][0-9A-F]){0,8})?";
    prop::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"))
}

/// Headers beside the host, some of them repeated. The prefix keeps them from those that signers leave out.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("x-test-[a-c]{1,2}", "[!-~é]( {0,3}[!-~é]){0,10}"), 0..4)
}

fn draft() -> impl Strategy<Value = Draft> {
    let method = select(vec!["POST", "GET", "DELETE", "PUT", "HEAD"]);
    let body = prop::collection::vec(any::<u8>(), 0..64);
    (method, path(), query(), headers(), body).prop_map(|(method, path, query, headers, body)| {
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        headers
            .iter()
            .fold(Draft::new(method, &target, body), |draft, (name, value)| draft.header(name, value))
    })
}

fn signer() -> impl Strategy<Value = Signer> {
    prop::option::of("[A-Za-z0-9+/=]{1,40}")
        .prop_map(|session_token| Signer { session_token, ..Signer::at(noon()) })
}

fn credentials_of(signer: &Signer) -> everwire_gateway::Credentials {
    match &signer.session_token {
        Some(token) => credentials().with_session_token(token),
        None => credentials(),
    }
}

#[test]
fn whatever_aws_sdk_signs_is_let_in() {
    check("signed in headers", &(draft(), signer()), |(draft, signer)| {
        let verified = signer.sign(draft).verified(&credentials_of(&signer), noon());
        prop_assert!(verified.is_ok(), "{verified:?}");
        Ok(1)
    });
    check("signed in the query", &(draft(), signer(), 1..604_800_u32), |(draft, signer, seconds)| {
        let presigned = signer.presign(draft, Duration::from_secs(seconds.into()));
        let last = noon() + TimeDelta::seconds(seconds.into());
        let verified = presigned.verified(&credentials_of(&signer), last);
        prop_assert!(verified.is_ok(), "{verified:?}");
        Ok(1)
    });
}

#[test]
fn whatever_is_changed_after_it_was_signed_is_refused() {
    let strategy = (draft(), signer(), any::<prop::sample::Index>());
    check("changed after it was signed", &strategy, |(draft, signer, at)| {
        let signed = signer.sign(draft);
        let changes = changes(&signed, at);
        for (what, changed) in &changes {
            let verified = changed.verified(&credentials_of(&signer), noon());
            prop_assert!(verified.is_err(), "{what}: {changed:?}");
        }
        Ok(changes.len())
    });
}

/// A request's single changes.
fn changes(signed: &Draft, at: prop::sample::Index) -> Vec<(&'static str, Draft)> {
    let mut changes = Vec::new();
    let method = if signed.method == "POST" { "GET" } else { "POST" };
    changes.push(("method", Draft { method: method.to_owned(), ..signed.clone() }));
    let (path, query) = signed.path.split_once('?').unwrap_or((&signed.path, ""));
    changes.push(("path", Draft { path: format!("{path}x?{query}"), ..signed.clone() }));
    changes.push(("slash", Draft { path: format!("{path}/?{query}"), ..signed.clone() }));
    changes.push(("more query", Draft { path: format!("{path}?{query}&more=1"), ..signed.clone() }));
    if !query.is_empty() {
        changes.push(("no query", Draft { path: path.to_owned(), ..signed.clone() }));
        changes.push(("query", Draft { path: format!("{path}?x{query}"), ..signed.clone() }));
    }
    let mut longer = signed.body.clone();
    longer.push(0);
    changes.push(("longer body", Draft { body: longer, ..signed.clone() }));
    if !signed.body.is_empty() {
        let mut body = signed.body.clone();
        body[at.index(signed.body.len())] ^= 1;
        changes.push(("body", Draft { body, ..signed.clone() }));
    }
    for index in 0..signed.headers.len() {
        let name = signed.headers[index].0.clone();
        let mut changed = signed.clone();
        changed.headers[index].1.push('x');
        if name != "authorization" {
            changes.push(("header", changed));
        }
        changes.push(("no header", signed.clone().without(&name)));
    }
    changes.push(("a second later", signed.clone().with("x-amz-date", "20261123T120001Z")));
    changes.extend(changes_of_authorization(signed, at));
    changes
}

fn changes_of_authorization(signed: &Draft, at: prop::sample::Index) -> Vec<(&'static str, Draft)> {
    let authorization = signed.value("authorization");
    let (rest, signature) = authorization.split_once("Signature=").expect("a signature");
    let mut digits: Vec<char> = signature.chars().collect();
    let digit = &mut digits[at.index(signature.len())];
    *digit = if *digit == '0' { '1' } else { '0' };
    let flipped: String = digits.iter().collect();
    [
        ("signature", format!("{rest}Signature={flipped}")),
        ("upper case signature", format!("{rest}Signature=X{}", signature.to_uppercase())),
        ("shorter signature", format!("{rest}Signature={}", &signature[1..])),
        ("no signature", format!("{rest}Signature=")),
        ("access key", authorization.replace("Credential=", "Credential=X")),
        ("date", authorization.replace("/20261123/", "/20261124/")),
        ("region", authorization.replace("/us-east-1/", "/us-east-2/")),
        ("service", authorization.replace("/execute-api/", "/s3/")),
        ("terminator", authorization.replace("aws4_request", "aws4_requests")),
        ("algorithm", authorization.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")),
        ("more signed headers", authorization.replace("SignedHeaders=", "SignedHeaders=a;")),
        ("fewer signed headers", authorization.replace("host;", "")),
    ]
    .map(|(what, authorization)| (what, signed.clone().with("authorization", &authorization)))
    .into()
}

/// Anything that HTTP lets through in a header, or nearly an Authorization header.
fn authorization() -> impl Strategy<Value = String> {
    let word = "(AWS4-HMAC-SHA256|Bearer|Credential|SignedHeaders|Signature|AKIDEXAMPLE|20261123|us-east-1|execute-api|\
                aws4_request|host|x-amz-date|[=/;, .]|[!-~]){0,20}";
    let whole = "AWS4-HMAC-SHA256 Credential=[!-~]{0,20}(/[!-~]{0,9}){3,5}, SignedHeaders=[a-zA-Z;-]{0,30}, \
                 Signature=[0-9a-f]{0,70}";
    prop_oneof!["[ -~\u{a0}-\u{2fff}]{0,200}", word, whole]
}

#[test]
fn an_arbitrary_authorization_header_never_panics_and_is_never_let_in() {
    let date = prop_oneof![Just("20261123T120000Z".to_owned()), "[ -~]{0,20}", "[0-9]{8}T[0-9]{6}Z"];
    check(
        "arbitrary Authorization headers",
        &(authorization(), date, path()),
        |(authorization, date, path)| {
            let draft = Draft::new("POST", &path, "hello")
                .header("x-amz-date", &date)
                .header("authorization", &authorization);
            let refused = draft.verified(&credentials(), noon()).expect_err("refused").to_string();
            prop_assert!(!refused.is_empty());
            Ok(1)
        },
    );
}

#[test]
fn an_arbitrary_query_never_panics_and_is_never_let_in() {
    let parameter =
        "(X-Amz-(Algorithm|Credential|Signature|SignedHeaders|Date|Expires|Security-Token|[a-z]))";
    let value = "(AWS4-HMAC-SHA256|AKIDEXAMPLE%2F20261123%2Fus-east-1%2Fexecute-api%2Faws4_request|20261123T120000Z|\
                 host|60|[!$-;=?-~]{0,10})";
    let query = prop::collection::vec((parameter, value), 0..10);
    check("arbitrary queries", &query, |pairs| {
        let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let draft = Draft::new("POST", &format!("/?{}", query.join("&")), "hello");
        prop_assert!(draft.verified(&credentials(), noon()).is_err());
        Ok(1)
    });
}
