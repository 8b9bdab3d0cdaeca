//! Tokens of a sign-in server: RS256 and ES256, its keys fetched from a real server or read from a file.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use everwire_backend::token::{self, Audience, Jwks, PublicKeyAlgorithm, Source, TokenError, Verifier};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::pkcs8::EncodePrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};

/// A key pair of the sign-in server.
struct Pair {
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Pair {
    fn rsa(key: &RsaPrivateKey) -> Self {
        let der = key.to_pkcs1_der().unwrap();
        Self { algorithm: Algorithm::RS256, private: EncodingKey::from_rsa_der(der.as_bytes()) }
    }

    fn ec() -> Self {
        let key = p256::SecretKey::random(&mut OsRng);
        let der = key.to_pkcs8_der().unwrap();
        Self { algorithm: Algorithm::ES256, private: EncodingKey::from_ec_der(der.as_bytes()) }
    }

    fn public(&self, id: &str) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        (jwk["kid"], jwk["use"]) = (id.into(), "sig".into());
        jwk
    }

    fn token(&self, id: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: id.map(str::to_owned), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

static RSA: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut OsRng, 2048).unwrap());

fn claims() -> Value {
    json!({"sub": "alice", "aud": "chat", "iss": "https://login/", "exp": token::now() + 60})
}

/// A sign-in server that gives its keys away, and counts how often.
#[derive(Clone)]
struct Login {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    fetches: Arc<AtomicUsize>,
}

#[derive(Clone)]
enum Answer {
    Keys(Value),
    Text(String),
    Status(StatusCode),
    Elsewhere,
    Never,
}

impl Login {
    async fn start(answer: Answer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let login = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::new(Mutex::new(answer)),
            fetches: Arc::default(),
        };
        let router = Router::new().route("/jwks.json", get(give)).with_state(login.clone());
        let router = router.route("/elsewhere", get(async || json!({"keys": []}).to_string()));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        login
    }

    async fn with_keys(keys: &[Value]) -> Self {
        Self::start(Answer::Keys(json!({ "keys": keys }))).await
    }

    fn now_answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }

    fn jwks(&self, algorithm: PublicKeyAlgorithm) -> Jwks {
        let source: Source = format!("http://{}/jwks.json", self.address).parse().unwrap();
        Jwks::new(source, algorithm).unwrap()
    }

    /// Its cooldown never ends while a test runs.
    fn verifier(&self, algorithm: PublicKeyAlgorithm) -> Verifier {
        let jwks = self.jwks(algorithm).cooldown(Duration::from_secs(3600));
        Verifier::jwks(jwks, Audience::Is("chat".to_owned()))
    }

    /// It may fetch each time, and a fetch may take as long as a busy machine needs.
    fn eager_verifier(&self, algorithm: PublicKeyAlgorithm) -> Verifier {
        let jwks = self.jwks(algorithm).cooldown(Duration::ZERO).fetch_timeout(Duration::from_secs(60));
        Verifier::jwks(jwks, Audience::Is("chat".to_owned()))
    }
}

async fn give(State(login): State<Login>) -> Response {
    login.fetches.fetch_add(1, Ordering::Relaxed);
    let answer = login.answer.lock().unwrap().clone();
    match answer {
        Answer::Keys(keys) => keys.to_string().into_response(),
        Answer::Text(text) => text.into_response(),
        Answer::Status(status) => status.into_response(),
        Answer::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Answer::Never => std::future::pending().await,
    }
}

async fn assert_refused(verifier: &Verifier, token: &str) {
    let answer = verifier.verify(token).await;
    assert!(matches!(answer, Err(TokenError::Invalid(_))), "{answer:?}");
}

#[tokio::test]
async fn a_token_signed_with_a_key_of_the_server_is_good() {
    for (pair, algorithm) in
        [(Pair::rsa(&RSA), PublicKeyAlgorithm::Rs256), (Pair::ec(), PublicKeyAlgorithm::Es256)]
    {
        let login = Login::with_keys(&[pair.public("a"), Pair::ec().public("b")]).await;
        let verifier = login.verifier(algorithm);
        for _ in 0..3 {
            let claims = verifier.verify(&pair.token(Some("a"), &claims())).await.unwrap();
            assert_eq!(claims.user(), "alice");
        }
        assert_eq!(login.fetches(), 1);
    }
}

#[tokio::test]
async fn another_key_of_the_same_name_is_not_trusted() {
    let (pair, other) = (Pair::ec(), Pair::ec());
    let login = Login::with_keys(&[pair.public("a")]).await;
    assert_refused(&login.verifier(PublicKeyAlgorithm::Es256), &other.token(Some("a"), &claims())).await;
}

#[tokio::test]
async fn many_first_tokens_share_one_fetch() {
    let pair = Pair::ec();
    let login = Login::with_keys(&[pair.public("a")]).await;
    // Even where each might fetch for itself.
    let jwks = login.jwks(PublicKeyAlgorithm::Es256).cooldown(Duration::ZERO);
    let verifier = Verifier::jwks(jwks, Audience::Is("chat".to_owned()));
    let token = pair.token(Some("a"), &claims());
    let verified = (0..50).map(|_| {
        let (verifier, token) = (verifier.clone(), token.clone());
        tokio::spawn(async move { verifier.verify(&token).await.unwrap() })
    });
    for verified in verified.collect::<Vec<_>>() {
        verified.await.unwrap();
    }
    assert_eq!(login.fetches(), 1);
}

#[tokio::test]
async fn a_flood_of_invented_key_ids_causes_no_flood_of_fetches() {
    let pair = Pair::ec();
    let login = Login::with_keys(&[pair.public("a")]).await;
    let verifier = login.verifier(PublicKeyAlgorithm::Es256);
    for n in 0..200 {
        assert_refused(&verifier, &pair.token(Some(&format!("invented-{n}")), &claims())).await;
    }
    assert_eq!(login.fetches(), 1);
    assert!(verifier.verify(&pair.token(Some("a"), &claims())).await.is_ok());
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_and_the_old_one_is_trusted_no_more() {
    let (old, new) = (Pair::ec(), Pair::ec());
    let login = Login::with_keys(&[old.public("old")]).await;
    let verifier = login.eager_verifier(PublicKeyAlgorithm::Es256);
    assert!(verifier.verify(&old.token(Some("old"), &claims())).await.is_ok());
    login.now_answers(Answer::Keys(json!({ "keys": [new.public("new")] })));
    assert!(verifier.verify(&new.token(Some("new"), &claims())).await.is_ok());
    assert_refused(&verifier, &old.token(Some("old"), &claims())).await;
}

#[tokio::test]
async fn a_token_that_names_no_key_is_verified_with_the_only_one_or_refused() {
    let (pair, other) = (Pair::ec(), Pair::ec());
    let token = pair.token(None, &claims());
    let login = Login::with_keys(&[pair.public("a")]).await;
    assert!(login.verifier(PublicKeyAlgorithm::Es256).verify(&token).await.is_ok());
    let login = Login::with_keys(&[pair.public("a"), other.public("b")]).await;
    assert_refused(&login.verifier(PublicKeyAlgorithm::Es256), &token).await;
}

#[tokio::test]
async fn an_hmac_over_the_public_key_is_refused_and_fetches_nothing() {
    let pair = Pair::rsa(&RSA);
    let login = Login::with_keys(&[pair.public("a")]).await;
    let verifier = login.verifier(PublicKeyAlgorithm::Rs256);
    let public = RsaPublicKey::from(&*RSA);
    let pem = public.to_public_key_pem(LineEnding::LF).unwrap();
    let jwk = pair.public("a").to_string();
    for secret in
        [pem.as_bytes(), pem.trim_end().as_bytes(), public.to_pkcs1_der().unwrap().as_bytes(), jwk.as_bytes()]
    {
        let confused = Pair { algorithm: Algorithm::HS256, private: EncodingKey::from_secret(secret) };
        assert_refused(&verifier, &confused.token(Some("a"), &claims())).await;
    }
    assert_eq!(login.fetches(), 0);
    assert!(verifier.verify(&pair.token(Some("a"), &claims())).await.is_ok());
}

#[tokio::test]
async fn another_algorithm_of_the_same_key_is_refused() {
    let pair = Pair::rsa(&RSA);
    let login = Login::with_keys(&[pair.public("a")]).await;
    let verifier = login.verifier(PublicKeyAlgorithm::Rs256);
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let other = Pair { algorithm, private: pair.private.clone() };
        assert_refused(&verifier, &other.token(Some("a"), &claims())).await;
    }
}

#[tokio::test]
async fn keys_that_are_for_something_else_are_not_used() {
    let pair = Pair::rsa(&RSA);
    let with = |name: &str, value: Value| {
        let mut key = pair.public(name);
        key[name] = value;
        key
    };
    let small = Pair::rsa(&RsaPrivateKey::new(&mut OsRng, 1024).unwrap());
    let mut keys = vec![
        with("use", json!("enc")),
        with("alg", json!("RS512")),
        with("kty", json!("EC")),
        with("key_ops", json!(["sign"])),
        with("n", json!("!")),
        json!({"kty": "oct", "k": "c2VjcmV0", "kid": "oct", "alg": "HS256"}),
        json!({"kty": "new", "kid": "unknown"}),
        json!("no key at all"),
        Pair::ec().public("ec"),
        small.public("small"),
    ];
    let ids = ["use", "alg", "kty", "key_ops", "n", "oct", "unknown", "ec"];
    keys.push(pair.public("good"));
    let login = Login::with_keys(&keys).await;
    let verifier = login.verifier(PublicKeyAlgorithm::Rs256);
    for id in ids {
        assert_refused(&verifier, &pair.token(Some(id), &claims())).await;
    }
    assert_refused(&verifier, &small.token(Some("small"), &claims())).await;
    assert!(verifier.verify(&pair.token(Some("good"), &claims())).await.is_ok());
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_a_failure_of_ours_not_of_the_token() {
    let pair = Pair::ec();
    let good = Answer::Keys(json!({ "keys": [pair.public("a")] }));
    let login = Login::start(Answer::Never).await;
    let verifier = login.eager_verifier(PublicKeyAlgorithm::Es256);
    for answer in [
        Answer::Status(StatusCode::INTERNAL_SERVER_ERROR),
        Answer::Status(StatusCode::NOT_FOUND),
        Answer::Elsewhere,
        Answer::Text("<html>".to_owned()),
        Answer::Text("[".repeat(5000)),
        Answer::Text(format!(r#"{{"keys":[],"padding":"{}"}}"#, "x".repeat(300_000))),
        Answer::Keys(json!({"keys": []})),
        Answer::Keys(json!({"keys": [Pair::rsa(&RSA).public("a")]})),
    ] {
        login.now_answers(answer);
        let error = verifier.verify(&pair.token(Some("a"), &claims())).await.unwrap_err();
        assert!(matches!(&error, TokenError::Keys(_)), "{error}");
        assert!(error.to_string().contains("/jwks.json"), "{error}");
    }
    login.now_answers(good);
    assert!(verifier.verify(&pair.token(Some("a"), &claims())).await.is_ok());
    // Keys that are known serve on while others cannot be fetched.
    login.now_answers(Answer::Status(StatusCode::BAD_GATEWAY));
    assert!(verifier.verify(&pair.token(Some("a"), &claims())).await.is_ok());
    let unknown = verifier.verify(&pair.token(Some("b"), &claims())).await;
    assert!(matches!(unknown, Err(TokenError::Keys(_))), "{unknown:?}");
}

#[tokio::test]
async fn a_server_that_is_down_is_not_asked_for_each_token() {
    let pair = Pair::ec();
    let login = Login::start(Answer::Status(StatusCode::SERVICE_UNAVAILABLE)).await;
    let verifier = login.verifier(PublicKeyAlgorithm::Es256);
    for _ in 0..50 {
        let answer = verifier.verify(&pair.token(Some("a"), &claims())).await;
        assert!(matches!(answer, Err(TokenError::Keys(_))), "{answer:?}");
    }
    assert_eq!(login.fetches(), 1);
}

#[tokio::test]
async fn tokens_that_come_together_wait_only_once_for_a_server_that_does_not_answer() {
    let pair = Pair::ec();
    let login = Login::start(Answer::Never).await;
    // Alike, as by default.
    let time = Duration::from_secs(2);
    let jwks = login.jwks(PublicKeyAlgorithm::Es256).cooldown(time).fetch_timeout(time);
    let verifier = Verifier::jwks(jwks, Audience::Is("chat".to_owned()));
    let token = pair.token(Some("a"), &claims());
    let (first, second) = tokio::join!(verifier.verify(&token), verifier.verify(&token));
    for answer in [first, second] {
        assert!(matches!(answer, Err(TokenError::Keys(_))), "{answer:?}");
    }
    assert_eq!(login.fetches(), 1);
}

#[tokio::test]
async fn old_keys_serve_on_while_new_ones_cannot_be_fetched_but_not_for_ever() {
    let (pair, new) = (Pair::ec(), Pair::ec());
    let token = pair.token(Some("a"), &claims());
    for (max_age, is_good) in [(Duration::from_secs(3600), true), (Duration::ZERO, false)] {
        let login = Login::with_keys(&[pair.public("a")]).await;
        let jwks = login.jwks(PublicKeyAlgorithm::Es256).cooldown(Duration::ZERO);
        let jwks = jwks.refresh_after(Duration::ZERO).max_age(max_age);
        let verifier = Verifier::jwks(jwks, Audience::Is("chat".to_owned()));
        assert_eq!(verifier.verify(&token).await.is_ok(), is_good);
        login.now_answers(Answer::Status(StatusCode::SERVICE_UNAVAILABLE));
        let answer = verifier.verify(&token).await;
        assert_eq!(answer.is_ok(), is_good, "{answer:?}");
        assert!(is_good || matches!(answer, Err(TokenError::Keys(_))), "{answer:?}");
        assert_eq!(login.fetches(), 2);
        // What the server has withdrawn is gone once it answers.
        login.now_answers(Answer::Keys(json!({ "keys": [new.public("new")] })));
        assert_refused(&verifier, &token).await;
    }
}

#[tokio::test]
async fn keys_come_from_a_file_too() {
    let pair = Pair::ec();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let source: Source = path.to_str().unwrap().parse().unwrap();
    let jwks = Jwks::new(source, PublicKeyAlgorithm::Es256).unwrap().cooldown(Duration::ZERO);
    let verifier = Verifier::jwks(jwks, Audience::Is("chat".to_owned()));
    let missing = verifier.verify(&pair.token(Some("a"), &claims())).await.unwrap_err();
    assert!(matches!(missing, TokenError::Keys(_)), "{missing}");
    std::fs::write(&path, json!({ "keys": [pair.public("a")] }).to_string()).unwrap();
    assert!(verifier.verify(&pair.token(Some("a"), &claims())).await.is_ok());
}

/// What becomes of a token with these claims changed.
async fn verified(
    configure: impl Fn(Verifier) -> Verifier,
    changes: Value,
) -> Result<token::Claims, TokenError> {
    let pair = Pair::ec();
    let login = Login::with_keys(&[pair.public("a")]).await;
    let verifier = configure(login.verifier(PublicKeyAlgorithm::Es256));
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    verifier.verify(&pair.token(Some("a"), &claims)).await
}

#[tokio::test]
async fn the_audience_has_to_be_among_the_tokens() {
    for audience in [json!("chat"), json!(["mail", "chat"])] {
        assert!(verified(|verifier| verifier, json!({ "aud": audience })).await.is_ok());
    }
    for audience in [json!("mail"), json!(["mail"]), json!([]), json!(null), json!(1), json!({"chat": 1})] {
        let answer = verified(|verifier| verifier, json!({ "aud": audience })).await;
        assert!(matches!(answer, Err(TokenError::Invalid(_))), "{audience}: {answer:?}");
    }
}

#[tokio::test]
async fn any_audience_will_do_if_that_is_said_but_tokens_for_our_own_purposes_never() {
    let any = |verifier: Verifier| verifier.audience(Audience::Any);
    for audience in [json!("mail"), json!(["mail"]), json!(null)] {
        assert!(verified(any, json!({ "aud": audience })).await.is_ok(), "{audience}");
    }
    for audience in [json!("everwire-refresh"), json!(["chat", "everwire-push"])] {
        assert!(verified(any, json!({ "aud": audience })).await.is_err(), "{audience}");
    }
}

#[tokio::test]
async fn the_issuer_has_to_be_the_tokens_if_one_is_configured() {
    let of = |issuer: &'static str| move |verifier: Verifier| verifier.issuer(issuer);
    assert!(verified(of("https://login/"), json!({})).await.is_ok());
    for issuer in [json!("https://evil/"), json!("https://login"), json!(null), json!(1)] {
        assert!(verified(of("https://login/"), json!({ "iss": issuer })).await.is_err(), "{issuer}");
    }
}

#[tokio::test]
async fn the_leeway_counts_in_both_directions_and_is_bounded() {
    let with = |seconds| move |verifier: Verifier| verifier.leeway_seconds(seconds);
    let (late, early) = (json!({"exp": token::now() - 20}), json!({"nbf": token::now() + 20}));
    for changes in [&late, &early] {
        assert!(verified(with(0), changes.clone()).await.is_err());
        assert!(verified(with(60), changes.clone()).await.is_ok());
    }
    assert!(verified(with(u64::MAX), json!({"exp": token::now() - 400})).await.is_err());
}

#[test]
fn keys_from_another_machine_over_plain_http_are_refused() {
    for url in ["http://login.example.com/jwks.json", "http://127.0.0.1@login.example.com/"] {
        assert!(url.parse::<Source>().unwrap_err().to_string().contains("https"));
        let source = Source::Url(url.parse().unwrap());
        assert!(Jwks::new(source, PublicKeyAlgorithm::Rs256).is_err());
    }
}
