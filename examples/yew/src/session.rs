//! Who is signed in. The gateway's `--demo` endpoints stand in for a real sign-in server.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;

use everwire::browser::Client;
use gloo_net::http::Request;
use serde::{Deserialize, Serialize};
use web_sys::UrlSearchParams;

/// `npm run gateway` listens here; `?gateway=http://…` names another one.
const GATEWAY: &str = "http://127.0.0.1:3001";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    access_token: String,
    refresh_token: String,
}

/// Signs in. The client gets its tokens by itself from then on.
pub async fn sign_in(user: &str) -> Result<Client, Box<dyn Error>> {
    let gateway = gateway();
    let tokens = ask(&gateway, "sign-in", &SignIn { user }).await?;
    let tokens = Rc::new(RefCell::new(tokens));
    let url = format!("{}/dev", gateway.replacen("http", "ws", 1));
    let client = Client::builder(url)
        .token(move |request| {
            let (gateway, tokens) = (gateway.clone(), Rc::clone(&tokens));
            async move {
                if request.is_refresh {
                    let refresh_token = tokens.borrow().refresh_token.clone();
                    let fresh = ask(&gateway, "refresh", &Refresh { refresh_token }).await?;
                    tokens.replace(fresh);
                }
                Ok(tokens.borrow().access_token.clone())
            }
        })
        .build()?;
    Ok(client)
}

#[derive(Serialize)]
struct SignIn<'a> {
    user: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refresh {
    refresh_token: String,
}

async fn ask(gateway: &str, what: &str, body: &impl Serialize) -> Result<Tokens, gloo_net::Error> {
    let request = Request::post(&format!("{gateway}/demo/{what}")).json(body)?;
    request.send().await?.json().await
}

fn gateway() -> String {
    let query = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let named = UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("gateway"));
    named.unwrap_or_else(|| GATEWAY.to_owned())
}
