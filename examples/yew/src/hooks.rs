//! A client's streams as Yew's state. The streams end with the client, and so do these tasks.

use std::rc::Rc;

use everwire::Snapshot;
use everwire::browser::Client;
use futures_util::StreamExt;
use gloo_timers::callback::Interval;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// How many messages are kept.
const KEPT: usize = 50;

/// Where the client's connection stands.
#[hook]
pub fn use_state_of(client: &Client) -> Snapshot {
    let state = use_state(|| client.state());
    let now = *state;
    use_effect_with(client.clone(), move |client| {
        let mut states = client.states();
        spawn_local(async move {
            while let Some(now) = states.next().await {
                state.set(now);
            }
        });
    });
    now
}

/// The latest messages with this action, oldest first.
#[hook]
pub fn use_messages<T: Clone + DeserializeOwned + 'static>(client: &Client, action: &'static str) -> Vec<T> {
    let kept = use_reducer(|| Kept(Vec::<T>::new()));
    let messages = kept.0.clone();
    use_effect_with(client.clone(), move |client| {
        let mut arriving = client.messages_of::<T>(action);
        spawn_local(async move {
            while let Some(message) = arriving.next().await {
                // What is not of this type, or came too fast to be read, is of no use to this page.
                if let Ok(message) = message {
                    kept.dispatch(message);
                }
            }
        });
    });
    messages
}

/// Renders every now and then, for a countdown.
#[hook]
pub fn use_ticks(are_wanted: bool) {
    let trigger = use_force_update();
    use_effect_with(are_wanted, move |are_wanted| {
        let interval = are_wanted.then(|| Interval::new(250, move || trigger.force_update()));
        move || drop(interval)
    });
}

#[derive(Clone)]
struct Kept<T>(Vec<T>);

impl<T: Clone> Reducible for Kept<T> {
    type Action = T;

    fn reduce(self: Rc<Self>, message: T) -> Rc<Self> {
        let mut kept = self.0.clone();
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(message);
        Rc::new(Self(kept))
    }
}
