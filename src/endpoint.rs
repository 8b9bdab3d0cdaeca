//! Where to connect: the app's URL with the token in its query.
//!
//! Browsers cannot set headers on a handshake, so API Gateway's authorizer reads the token from
//! the query. Every other parameter stays as the app wrote it, byte for byte.

use alloc::string::String;

/// `url` with the query parameter `name` set to `token`: appended, or in place of whatever
/// parameters of that name are there. A fragment is dropped, since a WebSocket URL has none
/// (RFC 6455, section 3).
///
/// Name and token are encoded as `application/x-www-form-urlencoded` (WHATWG URL, section 5), the
/// encoding that `URLSearchParams` and API Gateway use.
#[must_use]
pub fn with_token(url: &str, name: &str, token: &str) -> String {
    let url = without_fragment(url);
    let name = encode(name);
    let (base, query) = url.split_once('?').unwrap_or((url, ""));

    let mut out = String::with_capacity(url.len() + name.len() + token.len() + 2);
    out.push_str(base);
    out.push('?');
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !is_named(pair, &name)) {
        out.push_str(pair);
        out.push('&');
    }
    out.push_str(&name);
    out.push('=');
    out.push_str(&encode(token));
    out
}

/// `url` as it is, but for a fragment: what to open when the app's token function gives no token.
#[must_use]
pub fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(before, _)| before)
}

/// Whether `pair` (`key=value`, encoded by somebody) has the key that `name` (encoded by us)
/// stands for.
fn is_named(pair: &str, name: &str) -> bool {
    let key = pair.split_once('=').map_or(pair, |(key, _)| key);
    encode_bytes(decode(key)) == name
}

fn encode(text: &str) -> String {
    encode_bytes(text.bytes())
}

fn encode_bytes(bytes: impl Iterator<Item = u8>) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or('0');
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.push(digit(byte >> 4));
                out.push(digit(byte & 15));
            }
        }
    }
    out
}

/// The bytes that `text` stands for: `+` is a space, `%41` is `A`, a stray `%` is itself.
fn decode(text: &str) -> impl Iterator<Item = u8> {
    let mut rest = text.as_bytes();
    core::iter::from_fn(move || match rest {
        [b'%', high, low, tail @ ..] => {
            let (byte, tail) = match (hex_value(*high), hex_value(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, tail),
                (Some(_) | None, Some(_) | None) => (b'%', rest.get(1..).unwrap_or_default()),
            };
            rest = tail;
            Some(byte)
        }
        [b'+', tail @ ..] => {
            rest = tail;
            Some(b' ')
        }
        [byte, tail @ ..] => {
            rest = tail;
            Some(*byte)
        }
        [] => None,
    })
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
