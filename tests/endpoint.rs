//! The URL with its token, compared with the `url` crate, which implements the WHATWG URL standard.

#![cfg(not(target_arch = "wasm32"))]

use everwire::endpoint::{with_token, without_fragment};
use proptest::prelude::*;
use url::Url;

fn pairs(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[test]
fn the_token_is_appended_to_a_url_without_a_query() {
    assert_eq!(with_token("wss://example.com/dev", "token", "a.b.c"), "wss://example.com/dev?token=a.b.c");
}

#[test]
fn other_parameters_are_kept_as_they_are_written() {
    assert_eq!(
        with_token("wss://example.com/dev?x=a%20b&y", "token", "t"),
        "wss://example.com/dev?x=a%20b&y&token=t"
    );
}

#[test]
fn a_token_that_is_there_is_replaced_however_it_is_encoded() {
    assert_eq!(
        with_token("wss://example.com/?tok%65n=old&x=1&token=older", "token", "new"),
        "wss://example.com/?x=1&token=new"
    );
}

#[test]
fn the_parameter_may_have_another_name() {
    assert_eq!(with_token("wss://example.com/", "access token", "t"), "wss://example.com/?access+token=t");
}

#[test]
fn a_fragment_is_dropped() {
    assert_eq!(with_token("wss://example.com/dev#top?x", "token", "t"), "wss://example.com/dev?token=t");
    assert_eq!(without_fragment("wss://example.com/dev#top"), "wss://example.com/dev");
}

#[test]
fn characters_that_would_break_the_query_are_encoded() {
    assert_eq!(
        with_token("wss://e.com/", "token", "a&b=c#d+e f%é"),
        "wss://e.com/?token=a%26b%3Dc%23d%2Be+f%25%C3%A9"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_server_reads_back_the_token_and_every_other_parameter(
        query in "[!-~äλ]{0,40}", name in "[ -~é]{1,12}", token in any::<String>(),
    ) {
        let url = format!("wss://example.com/dev?{query}");
        let base = without_fragment(&url);
        let mut expected = pairs(base);
        expected.retain(|(key, _)| *key != name);
        expected.push((name.clone(), token.clone()));
        prop_assert_eq!(pairs(&with_token(&url, &name, &token)), expected);
    }

    #[test]
    fn setting_a_token_twice_is_setting_it_once(
        url in "wss://[a-z]{1,9}\\.com/[a-z/]{0,9}(\\?[ -~]{0,30})?", first in ".{0,20}", second in ".{0,20}",
    ) {
        let once = with_token(&url, "token", &second);
        prop_assert_eq!(with_token(&with_token(&url, "token", &first), "token", &second), once);
    }
}
