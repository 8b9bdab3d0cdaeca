//! The environment variables of the Lambda function.

use everwire_backend::push::Endpoint;
use everwire_backend::settings::Settings;

const SECRET: (&str, &str) = ("EVERWIRE_SECRET", "a secret of at least thirty-two bytes");
const STORE: (&str, &str) = ("EVERWIRE_STORE", "connections.db");
const JWKS: (&str, &str) = ("EVERWIRE_JWKS", "https://login.example.com/jwks.json");

fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::read(variables).map_err(|error| error.to_string())
}

#[track_caller]
fn assert_refused(variables: &[(&str, &str)], said: &[&str]) {
    let error = read(variables).unwrap_err();
    assert!(said.iter().all(|text| error.contains(text)), "{error}");
    assert!(!error.contains(SECRET.1), "{error}");
}

#[test]
fn a_store_and_a_secret_are_enough() {
    let settings = read(&[STORE, SECRET, ("PATH", "/bin")]).unwrap();
    assert_eq!(settings.store.as_deref(), Some("connections.db"));
    assert_eq!(settings.config.endpoint, Endpoint::Https);
    assert!(settings.warnings.is_empty() && settings.config.credentials.is_none());
    assert!(!format!("{settings:?}").contains(SECRET.1));
}

#[test]
fn what_is_missing_is_named_with_the_remedy() {
    assert_refused(&[], &["EVERWIRE_STORE", "EVERWIRE_SECRET", "EVERWIRE_JWKS"]);
    assert_refused(&[("EVERWIRE_SECRET", "")], &["EVERWIRE_STORE"]);
    for name in ["EVERWIRE_ISSUER", "EVERWIRE_AUDIENCE", "EVERWIRE_REQUIRED_SCOPE", "EVERWIRE_JWT_ALGORITHM"]
    {
        assert_refused(&[STORE, (name, "x")], &[name, "EVERWIRE_SECRET", "EVERWIRE_JWKS"]);
    }
    assert_refused(&[STORE, JWKS], &["EVERWIRE_AUDIENCE", "*"]);
}

#[test]
fn the_authorizer_alone_needs_no_store_and_routes_alone_need_no_key() {
    assert!(read(&[SECRET]).unwrap().store.is_none());
    assert!(read(&[STORE, ("EVERWIRE_LEEWAY_SECONDS", "0")]).unwrap().config.verifier.is_none());
}

#[test]
fn what_cannot_be_together_is_refused() {
    assert_refused(&[STORE, SECRET, JWKS], &["EVERWIRE_JWKS", "EVERWIRE_SECRET"]);
    assert_refused(&[STORE, SECRET, ("EVERWIRE_JWT_ALGORITHM", "RS256")], &["EVERWIRE_JWT_ALGORITHM"]);
    let audience = ("EVERWIRE_AUDIENCE", "chat");
    for algorithm in ["HS256", "none", "rs256", "PS256"] {
        let algorithm = ("EVERWIRE_JWT_ALGORITHM", algorithm);
        assert_refused(&[STORE, JWKS, audience, algorithm], &["EVERWIRE_JWT_ALGORITHM", "ES256"]);
    }
}

#[test]
fn keys_from_a_sign_in_server_need_an_audience_or_its_waiver() {
    for audience in ["chat", "*"] {
        assert!(read(&[STORE, JWKS, ("EVERWIRE_AUDIENCE", audience)]).is_ok());
    }
}

#[test]
fn keys_over_plain_http_are_refused_but_from_this_machine() {
    let with = |url| [STORE, ("EVERWIRE_JWKS", url), ("EVERWIRE_AUDIENCE", "chat")];
    assert_refused(&with("http://login.example.com/jwks.json"), &["EVERWIRE_JWKS", "https"]);
    assert_refused(&with("http://127.0.0.1.example.com/jwks.json"), &["https"]);
    assert_refused(&with("ftp://login.example.com/jwks.json"), &["neither"]);
    for near in
        ["http://127.0.0.1:9000/jwks.json", "http://[::1]/jwks", "http://localhost:1/", "keys/jwks.json"]
    {
        assert!(read(&with(near)).is_ok(), "{near}");
    }
}

#[test]
fn the_leeway_is_a_bounded_number_of_seconds() {
    for leeway in ["0", "30", "300"] {
        assert!(read(&[STORE, SECRET, ("EVERWIRE_LEEWAY_SECONDS", leeway)]).is_ok());
    }
    for leeway in ["301", "-1", "1.5", "1m", "18446744073709551616"] {
        assert_refused(
            &[STORE, SECRET, ("EVERWIRE_LEEWAY_SECONDS", leeway)],
            &["EVERWIRE_LEEWAY_SECONDS", "300"],
        );
    }
}

#[test]
fn a_misspelt_variable_is_refused_with_the_one_that_is_meant() {
    for (misspelt, meant) in [
        ("EVERWIRE_REQUIRED_SCOPES", "EVERWIRE_REQUIRED_SCOPE"),
        ("EVERWIRE_ISUER", "EVERWIRE_ISSUER"),
        ("EVERWIRE_AUDIENCES", "EVERWIRE_AUDIENCE"),
    ] {
        let said = format!("{misspelt}: is not known; is {meant} meant?");
        assert_refused(&[STORE, SECRET, (misspelt, "chat")], &[&said]);
    }
}

#[test]
fn a_variable_that_is_like_no_known_one_is_warned_about() {
    let warnings = read(&[STORE, SECRET, ("EVERWIRE_COLOUR", "x")]).unwrap().warnings;
    assert_eq!(warnings, ["EVERWIRE_COLOUR is not known"]);
}

#[test]
fn a_short_secret_is_warned_about_and_not_shown() {
    let warnings = read(&[STORE, ("EVERWIRE_SECRET", "hunter2")]).unwrap().warnings;
    assert!(warnings[0].contains("EVERWIRE_SECRET is short") && !warnings[0].contains("hunter2"));
}

#[test]
fn an_endpoint_is_a_scheme_or_a_url() {
    let endpoint = |text| read(&[STORE, SECRET, ("EVERWIRE_ENDPOINT", text)]).unwrap().config.endpoint;
    assert_eq!(endpoint("http"), Endpoint::Http);
    assert_eq!(
        endpoint("https://api.example.com/chat"),
        Endpoint::Url("https://api.example.com/chat".parse().unwrap())
    );
    assert_refused(&[STORE, SECRET, ("EVERWIRE_ENDPOINT", "api.example.com")], &["EVERWIRE_ENDPOINT"]);
}

#[test]
fn the_environments_keys_are_read_for_plain_http_and_over_https_left_to_the_sdk() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let credentials = |endpoint| {
        let variables = [&[STORE, SECRET, ("EVERWIRE_ENDPOINT", endpoint)], &keys[..]].concat();
        read(&variables).unwrap().config.credentials
    };
    for plain in ["http", "http://127.0.0.1:3001/dev", "http://192.168.1.5:3001/dev"] {
        assert_eq!(credentials(plain).unwrap().access_key_id, "AKIDEXAMPLE");
    }
    // Over https the SDK finds them itself, and fetches new ones in time.
    for encrypted in ["https", "https://api.example.com/chat"] {
        assert_eq!(credentials(encrypted), None);
    }
}
