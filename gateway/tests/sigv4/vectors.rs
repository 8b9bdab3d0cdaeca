//! Signatures and canonical requests that others made.

use chrono::{DateTime, TimeDelta, Utc};
use everwire_gateway::sigv4::{Credentials, Refused};

use crate::signing::{Draft, credentials, noon};

const PATH: &str = "/dev/@connections/TXzPWdnOjoECGjA%3D";

fn botocore(method: &str, body: &str, signed_headers: &str, signature: &str) -> Draft {
    let scope = "Credential=AKIDEXAMPLE/20261123/us-east-1/execute-api/aws4_request";
    let authorization =
        format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders={signed_headers}, Signature={signature}");
    Draft::new(method, PATH, body)
        .header("x-amz-date", "20261123T120000Z")
        .header("authorization", &authorization)
}

fn temporary() -> Credentials {
    credentials().with_session_token("a-session-token")
}

// Made by botocore 1.44.5, its clock stopped at noon.

#[test]
fn a_post_signed_by_botocore_is_let_in() {
    let signature = "6fd15294445c4702d24b56edcb207853be4d02009a97b049d5ef1f582bdef100";
    let post = botocore("POST", r#"{"n":1}"#, "host;x-amz-date", signature);
    post.verified(&credentials(), noon()).unwrap();
}

#[test]
fn a_get_signed_by_botocore_with_temporary_credentials_is_let_in() {
    let signature = "c306dff92df84d00d6891fb0c1484d11fe4c126ec15dd80207155bd52ff5c786";
    let get = botocore("GET", "", "host;x-amz-date;x-amz-security-token", signature)
        .header("x-amz-security-token", "a-session-token");
    get.verified(&temporary(), noon()).unwrap();
}

#[test]
fn a_get_signed_by_botocore_with_the_time_in_the_date_header_is_let_in() {
    let signature = "18e188e6c3312b5c58ad9f5c2ff3f421ea1e77df80bc7ad6e8c5848f9c47308c";
    let get = botocore("GET", "", "date;host", signature)
        .without("x-amz-date")
        .header("date", "Mon, 23 Nov 2026 12:00:00 -0000");
    get.verified(&credentials(), noon()).unwrap();
}

#[test]
fn a_url_presigned_by_botocore_is_let_in_until_it_expires() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Fus-east-1%2Fexecute-api\
                 %2Faws4_request&X-Amz-Date=20261123T120000Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host\
                 &X-Amz-Security-Token=a-session-token\
                 &X-Amz-Signature=c051a72647351f166b733a715dd6ebb5580950b850202f233e7a00fdb824af21";
    let get = Draft::new("GET", &format!("{PATH}?{query}"), "");
    get.verified(&temporary(), noon() + TimeDelta::seconds(600)).unwrap();
    let expired = get.verified(&temporary(), noon() + TimeDelta::seconds(601));
    assert!(matches!(expired, Err(Refused::Expired { .. })), "{expired:?}");
}

/// The canonical request that the gateway makes of this one, as it shows it to a client with a wrong signature.
fn canonical(draft: Draft, signed_headers: &str) -> String {
    let scope = "Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request";
    let authorization = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders={signed_headers}, Signature=0");
    let draft = draft
        .with("host", "example.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .header("authorization", &authorization);
    let now: DateTime<Utc> = "2015-08-30T12:36:00Z".parse().unwrap();
    match draft.verified(&credentials(), now) {
        Err(Refused::Signature { canonical, .. }) => canonical,
        other => panic!("not refused for its signature: {other:?}"),
    }
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// From AWS's published signing test suite (aws-c-auth, Apache-2.0). It signs for "service", so that its signatures
// are none for execute-api; its canonical requests are.

#[test]
fn aws_test_suite_get_vanilla() {
    let canonical = canonical(Draft::new("GET", "/", ""), "host;x-amz-date");
    let expected = format!(
        "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{EMPTY}"
    );
    assert_eq!(canonical, expected);
}

#[test]
fn aws_test_suite_get_header_value_trim() {
    let draft =
        Draft::new("GET", "/", "").header("my-header1", " value1").header("my-header2", r#" "a   b   c""#);
    let canonical = canonical(draft, "host;my-header1;my-header2;x-amz-date");
    let expected = format!(
        "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value1\nmy-header2:\"a b c\"\n\
         x-amz-date:20150830T123600Z\n\nhost;my-header1;my-header2;x-amz-date\n{EMPTY}"
    );
    assert_eq!(canonical, expected);
}

#[test]
fn aws_test_suite_get_header_key_duplicate() {
    let draft = Draft::new("GET", "/", "")
        .header("my-header1", "value2")
        .header("my-header1", "value2")
        .header("my-header1", "value1");
    let canonical = canonical(draft, "host;my-header1;x-amz-date");
    let expected = format!(
        "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:value2,value2,value1\nx-amz-date:20150830T123600Z\n\n\
         host;my-header1;x-amz-date\n{EMPTY}"
    );
    assert_eq!(canonical, expected);
}

#[test]
fn aws_test_suite_get_vanilla_query_order_encoded() {
    let draft = Draft::new("GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", "");
    let canonical = canonical(draft, "host;x-amz-date");
    let expected = format!(
        "GET\n/\n%E1%88%B4=Value1&Param=Value2&Param-3=Value3\nhost:example.amazonaws.com\n\
         x-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{EMPTY}"
    );
    assert_eq!(canonical, expected);
}

#[test]
fn aws_test_suite_post_x_www_form_urlencoded() {
    let hash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    let draft = Draft::new("POST", "/", "Param1=value1")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", "13")
        .header("x-amz-content-sha256", hash);
    let signed = "content-length;content-type;host;x-amz-content-sha256;x-amz-date";
    let expected = format!(
        "POST\n/\n\ncontent-length:13\ncontent-type:application/x-www-form-urlencoded\n\
         host:example.amazonaws.com\nx-amz-content-sha256:{hash}\nx-amz-date:20150830T123600Z\n\n{signed}\n{hash}"
    );
    assert_eq!(canonical(draft, signed), expected);
}

// Canonical paths that API Gateway printed in its answers: awscurl#61, and Paw-AWSSignature4DynamicValue#23.

#[test]
fn api_gateway_encodes_what_came_raw_once() {
    let draft = Draft::new("POST", "/test/@connections/atntqfjloAMCECg=", "hello");
    let canonical = canonical(draft, "host;x-amz-date");
    assert!(canonical.starts_with("POST\n/test/%40connections/atntqfjloAMCECg%3D\n\n"), "{canonical}");
    let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert!(canonical.ends_with(hash), "{canonical}");
}

#[test]
fn api_gateway_encodes_what_came_encoded_again() {
    let draft = Draft::new("POST", "/dev/%40connections/asnFYeJtCGYCEZQ%3D", "hello");
    let canonical = canonical(draft, "host;x-amz-date");
    assert!(canonical.starts_with("POST\n/dev/%2540connections/asnFYeJtCGYCEZQ%253D\n\n"), "{canonical}");
}

// And the query in zirkelc/aws-signature-v4#4.

#[test]
fn api_gateway_takes_a_plus_in_the_query_for_a_space() {
    let canonical = canonical(Draft::new("GET", "/path?%24filter=id+eq+123", ""), "host;x-amz-date");
    assert!(canonical.starts_with("GET\n/path\n%24filter=id%20eq%20123\n"), "{canonical}");
}
