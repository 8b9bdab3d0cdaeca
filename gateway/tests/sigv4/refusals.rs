//! What is refused, and what AWS says to it.

use std::time::Duration;

use chrono::TimeDelta;
use everwire_gateway::sigv4::{Credentials, Refused};

use crate::signing::{Draft, SECRET_ACCESS_KEY, Signer, credentials, noon};

const PATH: &str = "/dev/@connections/TXzPWdnOjoECGjA%3D";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE";

fn post() -> Draft {
    Draft::new("POST", PATH, "hello")
}

fn signed() -> Draft {
    Signer::at(noon()).sign(post())
}

/// The error's type and text.
fn refused(draft: &Draft) -> (&'static str, String) {
    refused_by(&credentials(), draft)
}

fn refused_by(credentials: &Credentials, draft: &Draft) -> (&'static str, String) {
    let refused = draft.verified(credentials, noon()).expect_err("refused");
    (refused.error_type(), refused.to_string())
}

fn authorized(authorization: &str) -> Draft {
    signed().with("authorization", authorization)
}

const INCOMPLETE: &str = "IncompleteSignatureException";
const INVALID: &str = "InvalidSignatureException";

#[test]
fn a_request_without_a_signature() {
    let expected = ("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned());
    assert_eq!(refused(&post()), expected);
}

#[test]
fn another_access_key() {
    let authorization = signed().value("authorization").replace("AKIDEXAMPLE", "AKIDANOTHER");
    let (error_type, text) = refused(&authorized(&authorization));
    assert_eq!(error_type, "UnrecognizedClientException");
    assert_eq!(text, "The security token included in the request is invalid.");
}

#[test]
fn another_secret_is_shown_what_should_have_been_signed_and_nothing_secret() {
    let signer = Signer { secret_access_key: "another", ..Signer::at(noon()) };
    let draft = signer.sign(post());
    let (error_type, text) = refused(&draft);
    assert_eq!(error_type, INVALID);
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let expected = format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details.\n\n\
         The Canonical String for this request should have been\n\
         'POST\n/dev/%40connections/TXzPWdnOjoECGjA%253D\n\nhost:127.0.0.1:3001\nx-amz-date:20261123T120000Z\n\n\
         host;x-amz-date\n{hello}'\n\n\
         The String-to-Sign should have been\n\
         'AWS4-HMAC-SHA256\n20261123T120000Z\n20261123/us-east-1/execute-api/aws4_request\n"
    );
    assert!(text.starts_with(&expected), "{text}");
    assert!(text.ends_with("'\n"), "{text}");
    let right = signed();
    let (_, right) = right.value("authorization").split_once("Signature=").unwrap();
    assert!(!text.contains(right) && !text.contains(SECRET_ACCESS_KEY), "{text}");
}

#[test]
fn the_session_token_is_needed_once_the_credentials_have_one() {
    let credentials = credentials().with_session_token(TOKEN);
    let expected =
        ("UnrecognizedClientException", "The security token included in the request is invalid.".to_owned());
    assert_eq!(refused_by(&credentials, &signed()), expected);
    let signer = Signer { session_token: Some(TOKEN.to_owned()), ..Signer::at(noon()) };
    let draft = signer.sign(post());
    draft.verified(&credentials, noon()).unwrap();
    assert_eq!(refused_by(&credentials, &draft.with("x-amz-security-token", "another")), expected);
}

#[test]
fn a_session_token_that_nobody_asked_for() {
    let signer = Signer { session_token: Some(TOKEN.to_owned()), ..Signer::at(noon()) };
    let (error_type, _) = refused(&signer.sign(post()));
    assert_eq!(error_type, "UnrecognizedClientException");
}

#[test]
fn tokens_and_cookies_are_not_shown_again() {
    let credentials = credentials().with_session_token(TOKEN);
    let signer =
        Signer { secret_access_key: "another", session_token: Some(TOKEN.to_owned()), ..Signer::at(noon()) };
    let draft = post().header("cookie", "id=private");
    for draft in [signer.sign(draft.clone()), signer.presign(draft, Duration::from_secs(60))] {
        let (error_type, text) = refused_by(&credentials, &draft);
        assert_eq!(error_type, INVALID);
        assert!(text.contains("cookie:(redacted)"), "{text}");
        assert!(!text.contains(TOKEN) && !text.contains("private"), "{text}");
    }
}

#[test]
fn a_signature_is_good_for_five_minutes_before_and_after_its_time() {
    for seconds in [-300, 300] {
        signed().verified(&credentials(), noon() + TimeDelta::seconds(seconds)).unwrap();
    }
    signed().verified(&credentials(), noon() + TimeDelta::milliseconds(300_999)).unwrap();
}

#[test]
fn a_replay_within_its_time_is_let_in_as_on_aws() {
    let draft = signed();
    draft.verified(&credentials(), noon()).unwrap();
    draft.verified(&credentials(), noon()).unwrap();
}

#[test]
fn an_expired_signature() {
    let refused = signed().verified(&credentials(), noon() + TimeDelta::seconds(301)).unwrap_err();
    let expected = "Signature expired: 20261123T120000Z is now earlier than 20261123T120001Z (20261123T120501Z - 5 min.)";
    assert_eq!((refused.error_type(), refused.to_string()), (INVALID, expected.to_owned()));
}

#[test]
fn a_signature_from_the_future() {
    let refused = signed().verified(&credentials(), noon() - TimeDelta::seconds(301)).unwrap_err();
    let expected = "Signature not yet current: 20261123T120000Z is still later than 20261123T115959Z (20261123T115459Z + 5 min.)";
    assert_eq!((refused.error_type(), refused.to_string()), (INVALID, expected.to_owned()));
}

#[test]
fn another_service_or_region() {
    let signer = Signer { service: "apigateway", ..Signer::at(noon()) };
    let service = "Credential should be scoped to correct service: 'execute-api'. ";
    assert_eq!(refused(&signer.sign(post())), (INVALID, service.to_owned()));
    let signer = Signer { region: "eu-west-1", ..signer };
    let both = format!("Credential should be scoped to a valid region, not 'eu-west-1'. {service}");
    assert_eq!(refused(&signer.sign(post())), (INVALID, both));
}

#[test]
fn credentials_are_for_the_region_they_are_told() {
    let signer = Signer { region: "eu-west-1", ..Signer::at(noon()) };
    signer.sign(post()).verified(&credentials().with_region("eu-west-1"), noon()).unwrap();
}

#[test]
fn a_scope_with_another_date_or_end() {
    let authorization = signed().value("authorization").replace("/20261123/", "/20261122/");
    let date = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                '20261122' != '20261123', from '20261123T120000Z'. ";
    assert_eq!(refused(&authorized(&authorization)), (INVALID, date.to_owned()));
    let authorization = signed().value("authorization").replace("aws4_request", "aws5_request");
    let end = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ";
    assert_eq!(refused(&authorized(&authorization)), (INVALID, end.to_owned()));
}

#[test]
fn a_credential_without_a_scope() {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE, SignedHeaders=host;x-amz-date, Signature=0";
    let expected =
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
    assert_eq!(refused(&authorized(authorization)), (INCOMPLETE, expected.to_owned()));
}

#[test]
fn a_bearer_token_is_answered_with_its_hash() {
    let (error_type, text) = refused(&authorized("Bearer sometoken"));
    assert_eq!(error_type, INCOMPLETE);
    let expected = "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and \
                    encoded with Base64): 'y4iWy1aq4i5DGQIugs5IA1A9K9WCbZjwIJdx57Cnk3o='.";
    assert_eq!(text, expected);
}

#[test]
fn an_authorization_header_that_begins_with_a_pair() {
    let (error_type, text) = refused(&authorized("Credential=a"));
    assert_eq!(error_type, INCOMPLETE);
    assert_eq!(
        text,
        "Authorization header must begin with the algorithm name, which cannot include an equal-sign"
    );
}

#[test]
fn an_authorization_header_without_its_parts_is_told_each_of_them() {
    let draft = authorized("AWS4-HMAC-SHA256").without("x-amz-date");
    let (error_type, text) = refused(&draft);
    assert_eq!(error_type, INCOMPLETE);
    let expected = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
                    parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header \
                    requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded \
                    with Base64) Authorization=";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn an_authorization_header_with_a_part_twice_twice_itself_or_endless() {
    let authorization = signed().value("authorization").to_owned();
    let endless = format!("{authorization}{}", " ".repeat(8 * 1024));
    for draft in [
        authorized(&format!("{authorization}, Signature=0")),
        signed().header("authorization", &authorization),
        authorized(&endless),
    ] {
        assert_eq!(refused(&draft).0, INCOMPLETE);
    }
}

#[test]
fn another_algorithm() {
    let authorization = signed().value("authorization").replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    let expected = "Unsupported AWS 'algorithm': only 'AWS4-HMAC-SHA256' is.";
    assert_eq!(refused(&authorized(&authorization)), (INCOMPLETE, expected.to_owned()));
}

#[test]
fn a_host_or_a_time_that_is_not_signed() {
    let authorization = signed().value("authorization").replace("host;x-amz-date", "x-amz-date");
    let host = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(refused(&authorized(&authorization)), (INVALID, host.to_owned()));
    let authorization = signed().value("authorization").replace("host;x-amz-date", "host");
    let date = "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(refused(&authorized(&authorization)), (INVALID, date.to_owned()));
}

#[test]
fn a_session_token_that_is_not_signed() {
    let draft = signed().header("x-amz-security-token", TOKEN);
    let expected = "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(refused(&draft), (INVALID, expected.to_owned()));
}

#[test]
fn signed_headers_out_of_order_or_repeated() {
    for signed_headers in ["x-amz-date;host", "Host;x-amz-date", "host;host;x-amz-date"] {
        let authorization = signed().value("authorization").replace("host;x-amz-date", signed_headers);
        assert_eq!(refused(&authorized(&authorization)).0, INCOMPLETE, "{signed_headers}");
    }
}

#[test]
fn a_time_that_is_none() {
    for date in [
        "2026-11-23T12:00:00Z",
        "20261123T120000",
        "20261332T120000Z",
        " 20261123T120000Z",
        "+20261123T120000Z",
    ] {
        let (error_type, text) = refused(&signed().with("x-amz-date", date));
        assert_eq!(error_type, INCOMPLETE);
        assert!(text.starts_with("Date must be in ISO-8601 'basic format'. Got '"), "{text}");
    }
}

#[test]
fn a_body_that_is_not_the_one_it_says() {
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for said in [hash, "UNSIGNED-PAYLOAD"] {
        let draft = Signer::at(noon()).sign(post().header("x-amz-content-sha256", said));
        assert_eq!(refused(&draft).0, INVALID, "{said}");
    }
}

#[test]
fn a_presigned_url_without_one_of_its_parameters_or_with_a_lifetime_that_is_none() {
    let draft = Signer::at(noon()).presign(post(), Duration::from_secs(60));
    draft.verified(&credentials(), noon()).unwrap();
    for parameter in ["Algorithm", "Credential", "Date", "Expires", "Signature", "SignedHeaders"] {
        let path = draft.path.replace(&format!("X-Amz-{parameter}="), "other=");
        let (error_type, text) = refused(&Draft { path, ..draft.clone() });
        assert_eq!(error_type, INCOMPLETE);
        assert!(text.contains(&format!("'X-Amz-{parameter}'")), "{text}");
    }
    for lifetime in ["0", "604801", "-1", "soon", ""] {
        let path = draft.path.replace("Expires=60", &format!("Expires={lifetime}"));
        assert_eq!(refused(&Draft { path, ..draft.clone() }).0, INCOMPLETE, "{lifetime}");
    }
}

#[test]
fn a_presigned_url_with_a_line_break_among_its_signed_headers() {
    let draft = Signer::at(noon()).presign(post(), Duration::from_secs(60));
    let path = draft.path.replace("SignedHeaders=host", "SignedHeaders=host%0Ax");
    assert_eq!(refused(&Draft { path, ..draft }).0, INCOMPLETE);
}

#[test]
fn credentials_show_no_secret_in_debug() {
    let text = format!("{:?}", credentials().with_session_token(TOKEN));
    assert!(text.contains("AKIDEXAMPLE") && text.contains("us-east-1"), "{text}");
    assert!(!text.contains(SECRET_ACCESS_KEY) && !text.contains(TOKEN), "{text}");
}

#[test]
fn credentials_that_let_anybody_sign_are_none() {
    assert!(Credentials::new("", "secret").is_none());
    assert!(Credentials::new("id", "").is_none());
}

#[test]
fn a_claim_shows_no_token_in_debug() {
    let credentials = credentials().with_session_token(TOKEN);
    let signer = Signer { session_token: Some(TOKEN.to_owned()), ..Signer::at(noon()) };
    let head = signer.sign(post()).parts();
    let claim: Result<_, Refused> = credentials.examine(&head, noon());
    assert!(!format!("{claim:?}").contains(TOKEN));
}
