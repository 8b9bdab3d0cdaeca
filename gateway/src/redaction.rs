//! Keeps tokens out of what functions say: an error may cite the event that it is about, and the token is in there.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// What stands for a token.
const HIDDEN: &str = "(hidden)";

/// The shortest value that may be a secret, in bytes. Shorter ones are words that a text may well contain.
const SHORTEST: usize = 8;

/// The headers that browsers and other clients bring credentials in.
const HEADERS: [&str; 3] = ["authorization", "cookie", "sec-websocket-protocol"];

/// What of a handshake's event may be secret: the values of the query, and of some headers.
pub(crate) fn secrets(event: &Value) -> Vec<String> {
    let query = values(event, "queryStringParameters").map(|(_, value)| value);
    let headers = values(event, "headers")
        .filter(|(name, _)| HEADERS.contains(&name.to_ascii_lowercase().as_str()))
        .map(|(_, value)| value);
    query.chain(headers).filter(|value| value.len() >= SHORTEST).map(str::to_owned).collect()
}

fn values<'a>(event: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a str)> + use<'a> {
    let map = event.get(key).and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)))
}

/// The text without these secrets, and without anything else that looks like a JWT.
pub(crate) fn hide(text: &str, secrets: &[String]) -> String {
    let text = secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN));
    hide_jwts(&text)
}

/// The text without what looks like a JWT: a JSON object in base64url, a dot, and more base64url.
pub(crate) fn hide_jwts(text: &str) -> String {
    static JWT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)+").ok());
    match &*JWT {
        Some(jwt) => jwt.replace_all(text, HIDDEN).into_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_handshake_brought_is_hidden_whatever_it_looks_like() {
        let event = json!({
            "queryStringParameters": {"ticket": "0123456789abcdef", "v": "1"},
            "headers": {"Authorization": "Basic dXNlcjpwdw==", "Host": "127.0.0.1:3001"},
        });
        let secrets = secrets(&event);
        let said = "v 1: bad ticket 0123456789abcdef and Basic dXNlcjpwdw== at 127.0.0.1:3001";
        assert_eq!(hide(said, &secrets), "v 1: bad ticket (hidden) and (hidden) at 127.0.0.1:3001");
    }

    #[test]
    fn a_jwt_is_hidden_wherever_it_comes_from() {
        for jwt in
            ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "eyJh.eyJ"]
        {
            assert_eq!(hide_jwts(&format!("token={jwt}, bad")), "token=(hidden), bad");
        }
        assert_eq!(hide_jwts("eyJafjallajökull erupts. So what"), "eyJafjallajökull erupts. So what");
    }
}
