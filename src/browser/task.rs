//! A future of the app's that ends with whoever wants its result.

use core::convert::Infallible;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;

use futures_channel::oneshot;

/// A running future. Dropping this drops the future, at the browser's next microtask.
#[must_use = "dropping a task ends it"]
pub(super) struct Task(#[expect(dead_code, reason = "held for its Drop")] oneshot::Sender<Infallible>);

impl Task {
    /// Runs `future` until it is ready or the task is dropped.
    pub(super) fn spawn(future: impl Future<Output = ()> + 'static) -> Self {
        let (held, mut dropped) = oneshot::channel::<Infallible>();
        wasm_bindgen_futures::spawn_local(async move {
            let mut future = pin!(future);
            poll_fn(|context| match Pin::new(&mut dropped).poll(context) {
                Poll::Ready(Ok(_) | Err(oneshot::Canceled)) => Poll::Ready(()),
                Poll::Pending => future.as_mut().poll(context),
            })
            .await;
        });
        Self(held)
    }
}
