//! Arbitrary and mutated tokens: none makes the verifier panic, and none is accepted.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use everwire_backend::token::{self, Kind, Secret, TokenError, Verifier};
use proptest::prelude::*;
use serde_json::json;

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());
static SECRET: LazyLock<Secret> =
    LazyLock::new(|| Secret::new("a secret of at least thirty-two bytes").unwrap());
static GOOD: LazyLock<String> =
    LazyLock::new(|| token::mint(&SECRET, Kind::Access, "alice", token::now(), 3600).unwrap());
static TRIED: AtomicUsize = AtomicUsize::new(0);

fn is_refused(token: &str) -> bool {
    TRIED.fetch_add(1, Ordering::Relaxed);
    let answer = RUNTIME.block_on(Verifier::secret(SECRET.clone()).verify(token));
    matches!(answer, Err(TokenError::Invalid(_)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    fn arbitrary_texts_are_refused(token in ".{0,200}") {
        prop_assert!(is_refused(&token));
    }

    fn three_arbitrary_parts_are_refused(
        header in prop::collection::vec(any::<u8>(), 0..80),
        claims in prop::collection::vec(any::<u8>(), 0..80),
        signature in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let parts = [header, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part));
        prop_assert!(is_refused(&parts.join(".")));
    }

    fn well_made_headers_without_the_secret_are_refused(
        alg in prop_oneof![
            prop::sample::select(vec!["none", "HS256", "HS384", "RS256", "ES256", "EdDSA", "hs256"]).prop_map(str::to_owned),
            "[A-Za-z0-9]{0,8}",
        ],
        kid in prop::option::of(".{0,20}"),
        sub in ".{0,20}",
        signature in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": kid, "typ": "JWT"}).to_string());
        let claims = URL_SAFE_NO_PAD.encode(json!({"sub": sub, "exp": token::now() + 60}).to_string());
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let token = [header, claims, signature].join(".");
        prop_assert!(is_refused(&token));
    }

    fn a_good_token_with_one_letter_changed_is_refused(at in any::<prop::sample::Index>(), letter in any::<char>()) {
        let mut letters: Vec<char> = GOOD.chars().collect();
        let at = at.index(letters.len());
        letters[at] = letter;
        let token: String = letters.into_iter().collect();
        prop_assume!(token != *GOOD);
        prop_assert!(is_refused(&token), "{token}");
    }

    fn a_good_token_cut_or_lengthened_is_refused(at in any::<prop::sample::Index>(), more in "[A-Za-z0-9._-]{0,20}") {
        let token = format!("{}{more}", &GOOD[..at.index(GOOD.len() + 1)]);
        prop_assume!(token != *GOOD);
        prop_assert!(is_refused(&token), "{token}");
    }
}

#[test]
fn no_hostile_token_is_accepted_or_makes_the_verifier_panic() {
    arbitrary_texts_are_refused();
    three_arbitrary_parts_are_refused();
    well_made_headers_without_the_secret_are_refused();
    a_good_token_with_one_letter_changed_is_refused();
    a_good_token_cut_or_lengthened_is_refused();
    assert!(!is_refused(&GOOD), "the good one is good");
    println!("{} hostile tokens tried", TRIED.load(Ordering::Relaxed) - 1);
}
