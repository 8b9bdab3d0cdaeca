//! A page that shows notifications: `App` → `SignIn`, then `Notifications`.
//!
//! - `session.rs`: signing in, tokens, and the client that uses them
//! - `hooks.rs`: a client's streams as Yew's state

mod hooks;
mod session;

use std::time::Duration;

use everwire::State;
use everwire::browser::Client;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::hooks::{use_messages, use_state_of, use_ticks};

/// How long an echo may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is pushed.
#[derive(Clone, PartialEq, Deserialize)]
struct Notification {
    title: String,
}

/// What this page sends.
#[derive(Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
enum Outgoing {
    Echo { text: String },
}

/// What comes back.
#[derive(Deserialize)]
struct Echo {
    message: Outgoing,
}

#[component]
fn App() -> Html {
    let client = use_state(|| None::<Client>);
    let on_signed_in = {
        let client = client.clone();
        Callback::from(move |new| client.set(Some(new)))
    };
    // The last handles go with the component that has them: nothing else closes the connection.
    let on_sign_out = {
        let client = client.clone();
        Callback::from(move |_| client.set(None))
    };
    html! {
        <main>
            <h1>{ "Notifications" }</h1>
            if let Some(client) = &*client {
                <Notifications client={client.clone()} {on_sign_out} />
            } else {
                <SignIn {on_signed_in} />
            }
        </main>
    }
}

#[derive(PartialEq, Properties)]
struct SignInProps {
    on_signed_in: Callback<Client>,
}

#[component]
fn SignIn(props: &SignInProps) -> Html {
    let user = use_node_ref();
    let failure = use_state(String::new);
    let onsubmit = {
        let (user, failure, on_signed_in) = (user.clone(), failure.clone(), props.on_signed_in.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (name, failure, on_signed_in) = (value_of(&user), failure.clone(), on_signed_in.clone());
            spawn_local(async move {
                match session::sign_in(&name).await {
                    Ok(client) => on_signed_in.emit(client),
                    Err(error) => failure.set(error.to_string()),
                }
            });
        })
    };
    html! {
        <form {onsubmit}>
            <label>{ "Your name" } <input ref={user} data-testid="user" value="alice" /></label>
            <button data-testid="sign-in">{ "Sign in" }</button>
            <p role="alert">{ &*failure }</p>
        </form>
    }
}

#[derive(PartialEq, Properties)]
struct NotificationsProps {
    client: Client,
    on_sign_out: Callback<()>,
}

#[component]
fn Notifications(props: &NotificationsProps) -> Html {
    let NotificationsProps { client, on_sign_out } = props;
    // Before `open`, so that nothing is missed.
    let notifications = use_messages::<Notification>(client, "notification");
    use_effect_with(client.clone(), |client| drop(client.open()));
    html! {
        <>
            <Status client={client.clone()} />
            <ol data-testid="notifications">
                { for notifications.iter().rev().map(|notification| html! { <li>{ &notification.title }</li> }) }
            </ol>
            if notifications.is_empty() {
                <p class="muted">{ "Nothing yet. What is pushed to you appears here." }</p>
            }
            <EchoForm client={client.clone()} />
            <button data-testid="sign-out" onclick={on_sign_out.reform(|_| ())}>{ "Sign out" }</button>
        </>
    }
}

#[derive(PartialEq, Properties)]
struct ClientProps {
    client: Client,
}

#[component]
fn Status(props: &ClientProps) -> Html {
    let client = &props.client;
    let now = use_state_of(client);
    let retry_in = client.retry_in();
    use_ticks(retry_in.is_some());
    let word = match now.state {
        State::Closed | State::Suspended => "disconnected",
        State::FetchingToken { .. } | State::Connecting { .. } => "connecting",
        State::Open(_) => "connected",
        State::Waiting { .. } => "reconnecting",
    };
    let reconnect = {
        let client = client.clone();
        Callback::from(move |_| client.reconnect())
    };
    html! {
        <p class="status" data-word={word}>
            <strong data-testid="status">{ word }</strong>
            <span class="muted">{ now.why.explain() }</span>
            if let Some(left) = retry_in {
                <span data-testid="countdown">{ format!("next attempt in {} s", left.as_secs() + 1) }</span>
                <button onclick={reconnect}>{ "Now" }</button>
            }
        </p>
    }
}

#[component]
fn EchoForm(props: &ClientProps) -> Html {
    let text = use_node_ref();
    let reply = use_state(String::new);
    let onsubmit = {
        let (client, text, reply) = (props.client.clone(), text.clone(), reply.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let echo = client.request::<Echo>(&Outgoing::Echo { text: value_of(&text) }, PATIENCE);
            let reply = reply.clone();
            spawn_local(async move {
                reply.set(match echo.await {
                    Ok(Echo { message: Outgoing::Echo { text } }) => format!("The server says: {text}"),
                    Err(error) => format!("No echo: {error}"),
                });
            });
        })
    };
    html! {
        <form {onsubmit}>
            <label>{ "Say something" } <input ref={text} data-testid="echo-text" value="hello" /></label>
            <button data-testid="echo">{ "Send" }</button>
            <p data-testid="echo-reply" aria-live="polite">{ &*reply }</p>
        </form>
    }
}

fn value_of(input: &NodeRef) -> String {
    input.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default()
}

fn main() {
    yew::Renderer::<App>::new().render();
}
