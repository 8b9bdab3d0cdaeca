//! The page around a client: its events, as the machine knows them.

use alloc::vec::Vec;

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Event, EventTarget, PageTransitionEvent};

use crate::PageEvent;

const OF_WINDOW: &[&str] = &["online", "offline", "pagehide", "pageshow"];
const OF_DOCUMENT: &[&str] = &["visibilitychange", "resume", "prerenderingchange"];

/// Listens to the page. Dropping it stops listening.
///
/// A worker has no document, and its global object only knows `online` and `offline`; to listen
/// for the others there does no harm.
pub(super) struct PageListener {
    listened: Vec<(EventTarget, &'static [&'static str])>,
    closure: Closure<dyn Fn(Event)>,
}

impl PageListener {
    pub(super) fn listen(tell: impl Fn(PageEvent) + 'static) -> Self {
        let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if let Some(event) = meaning(&event) {
                tell(event);
            }
        });
        let window = js_sys::global().dyn_into::<EventTarget>().ok().map(|target| (target, OF_WINDOW));
        let document = document().map(|document| (EventTarget::from(document), OF_DOCUMENT));
        let listened: Vec<_> = window.into_iter().chain(document).collect();
        for (target, name) in each(&listened) {
            // Fails for no event name.
            let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        }
        Self { listened, closure }
    }
}

impl Drop for PageListener {
    fn drop(&mut self) {
        for (target, name) in each(&self.listened) {
            let _ = target.remove_event_listener_with_callback(name, self.closure.as_ref().unchecked_ref());
        }
    }
}

fn each<'a>(
    listened: &'a [(EventTarget, &'static [&'static str])],
) -> impl Iterator<Item = (&'a EventTarget, &'static str)> {
    listened.iter().flat_map(|(target, names)| names.iter().map(move |name| (target, *name)))
}

/// What is unusual about the page as it is now: the machine takes an ordinary one for granted.
pub(super) fn present() -> Vec<PageEvent> {
    let document = document();
    let is_offline = get(&js_sys::global(), "navigator").and_then(|navigator| get(&navigator, "onLine"))
        == Some(JsValue::FALSE);
    let is_hidden = document.as_ref().is_some_and(Document::hidden);
    let is_prerendered = document.is_some_and(|document| is_prerendering(&document));
    [
        is_offline.then_some(PageEvent::Offline),
        is_hidden.then_some(PageEvent::Hidden),
        is_prerendered.then_some(PageEvent::Stored),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn meaning(event: &Event) -> Option<PageEvent> {
    match event.type_().as_str() {
        "online" => Some(PageEvent::Online),
        "offline" => Some(PageEvent::Offline),
        "visibilitychange" => {
            // Read now, never remembered: a page that was frozen may have missed an event.
            let is_hidden = document().is_some_and(|document| document.hidden());
            Some(if is_hidden { PageEvent::Hidden } else { PageEvent::Visible })
        }
        "resume" => Some(PageEvent::Resumed),
        "pagehide" => Some(PageEvent::Stored),
        // The first one belongs to loading the page.
        "pageshow" => {
            let is_restored =
                event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted);
            is_restored.then_some(PageEvent::Shown)
        }
        "prerenderingchange" => Some(PageEvent::Shown),
        _ => None,
    }
}

fn document() -> Option<Document> {
    get(&js_sys::global(), "document")?.dyn_into().ok()
}

fn is_prerendering(document: &Document) -> bool {
    get(document, "prerendering") == Some(JsValue::TRUE)
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok()
}
