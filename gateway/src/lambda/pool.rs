//! The instances of one function: which one takes an invocation, and when another is started.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use everwire_backend::FunctionError;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::function::Function;
use super::instance::Instance;
use super::invocation::Invocation;

/// How long the next start waits after a second failed one; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest wait for the next start.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long an answer is held back for its instance to ask for the next event, which it does at once. A caller that
/// goes on to the next invocation finds it free then, instead of starting another.
const RETURN: Duration = Duration::from_millis(50);

/// The instances of one function.
#[derive(Debug)]
pub(super) struct Pool {
    function: Function,
    /// One for each invocation that may run at the same time.
    slots: Arc<Semaphore>,
    instances: Mutex<Instances>,
    /// Held by the invocation that starts a function which has failed to start. The others that wait for it fail
    /// with it: a burst of events for a broken function is one more start, not one for each of them.
    trial: tokio::sync::Mutex<()>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Instances {
    /// Every instance that was started and is not known to have ended.
    all: Vec<Arc<Instance>>,
    /// Those of them that wait for an event, the last one used last.
    idle: Vec<Arc<Instance>>,
    starts: Starts,
}

/// How the last starts went.
#[derive(Debug, Default)]
struct Starts {
    failed_in_a_row: u32,
    last_failure: Option<Failure>,
}

#[derive(Debug, Clone)]
struct Failure {
    error: FunctionError,
    /// When the next start may be.
    next_at: Instant,
}

impl Starts {
    fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Starts that have begun together, after `before` failures, count as one.
    fn failed(&mut self, before: u32, error: FunctionError) {
        if self.failed_in_a_row != before {
            return;
        }
        self.failed_in_a_row += 1;
        // The first failure may be the last one, so the next start does not wait.
        let pause = match before.checked_sub(1) {
            None => Duration::ZERO,
            Some(doublings) => FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE),
        };
        self.last_failure = Some(Failure { error, next_at: Instant::now() + pause });
    }
}

impl Pool {
    pub(super) fn new(function: Function) -> Self {
        let slots = Arc::new(Semaphore::new(function.concurrency));
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self {
            function,
            slots,
            instances: Mutex::default(),
            trial: tokio::sync::Mutex::default(),
            stopping,
            tasks,
        }
    }

    /// Runs one invocation, in a task of its own: it runs on when nobody waits for it any more.
    pub(super) async fn invoke(self: &Arc<Self>, event: Value) -> Result<Value, FunctionError> {
        let slot = self.slot().await?;
        let (answer, answered) = oneshot::channel();
        let pool = Arc::clone(self);
        self.tasks.spawn(async move {
            pool.run(&event, answer).await;
            drop(slot);
        });
        answered.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    /// Ends all instances, and waits for their ends.
    pub(super) async fn stop(&self) {
        self.stopping.cancel();
        self.slots.close();
        let instances = std::mem::take(&mut *self.lock());
        join_all(instances.all.iter().map(|instance| instance.terminate())).await;
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Waits for one of the invocations under way to end, if there are as many as there may be. Lambda would refuse
    /// this one at once, with a throttle; but a test should not fail because the machine is slow.
    async fn slot(&self) -> Result<OwnedSemaphorePermit, FunctionError> {
        match timeout(self.function.timeout, Arc::clone(&self.slots).acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) => Err(self.stopped()),
            Err(_) => {
                let Function { name, concurrency, timeout, .. } = &self.function;
                Err(FunctionError::new(format!(
                    "no instance of the function {name:?} got free in {timeout:?}: raise its concurrency of {concurrency}"
                )))
            }
        }
    }

    /// One invocation in one instance, which is free again or gone when this is over.
    async fn run(&self, event: &Value, answer: oneshot::Sender<Result<Value, FunctionError>>) {
        let request_id = Uuid::new_v4().to_string();
        let (instance, deadline) = match self.instance(&request_id).await {
            Ok(found) => found,
            Err(error) => {
                // Nobody may wait any more, here and below.
                drop(answer.send(Err(error)));
                return;
            }
        };
        let time_left = deadline.saturating_duration_since(Instant::now());
        let invocation = Invocation::new(request_id, &self.function.name, event, time_left);
        let result = instance.invoke(invocation, deadline).await;
        let mut returned = pin!(self.take_back(instance, deadline));
        let is_early = timeout(RETURN, &mut returned).await.is_ok();
        let result = if self.stopping.is_cancelled() { Err(self.stopped()) } else { result };
        drop(answer.send(result));
        if !is_early {
            returned.await;
        }
    }

    /// Keeps an instance for the next invocation, once it asks for one.
    async fn take_back(&self, instance: Arc<Instance>, deadline: Instant) {
        if instance.is_ready_again(deadline).await {
            self.lock().idle.push(instance);
        } else {
            self.discard(&instance);
        }
    }

    /// An instance that is ready, and the time at which its invocation is over.
    async fn instance(&self, request_id: &str) -> Result<(Arc<Instance>, Instant), FunctionError> {
        if let Some(idle) = self.idle() {
            return Ok(idle);
        }
        let failed = self.lock().starts.failed_in_a_row;
        if failed == 0 {
            return self.start_counted(failed, request_id).await;
        }
        // After a failure one invocation at a time tries to start the function, with pauses.
        let trial = self.until_stopped(self.trial.lock()).await?;
        if let Some(idle) = self.idle() {
            return Ok(idle);
        }
        let (failed_by_now, last_failure) = {
            let starts = &self.lock().starts;
            (starts.failed_in_a_row, starts.last_failure.clone())
        };
        match last_failure {
            Some(Failure { error, .. }) if failed_by_now > failed => return Err(error),
            Some(Failure { next_at, .. }) => self.until_stopped(sleep_until(next_at)).await?,
            None => drop(trial),
        }
        self.start_counted(failed_by_now, request_id).await
    }

    async fn start_counted(
        &self,
        failed: u32,
        request_id: &str,
    ) -> Result<(Arc<Instance>, Instant), FunctionError> {
        let result = self.start(request_id).await;
        match &result {
            Ok(_) => self.lock().starts.succeeded(),
            Err(error) => self.lock().starts.failed(failed, error.clone()),
        }
        result
    }

    async fn start(&self, request_id: &str) -> Result<(Arc<Instance>, Instant), FunctionError> {
        let instance = Arc::new(Instance::start(&self.function).await?);
        {
            let mut instances = self.lock();
            // Looked at under the lock: `stop` ends those that it finds there, and nobody else.
            if self.stopping.is_cancelled() {
                return Err(self.stopped());
            }
            instances.all.push(Arc::clone(&instance));
        }
        match instance.started(request_id).await {
            Ok(deadline) => Ok((instance, deadline)),
            Err(error) => {
                self.discard(&instance);
                Err(if self.stopping.is_cancelled() { self.stopped() } else { error })
            }
        }
    }

    /// The one that was used last, so that those which are not needed stay out of memory's way.
    fn idle(&self) -> Option<(Arc<Instance>, Instant)> {
        loop {
            let instance = self.lock().idle.pop()?;
            if !instance.has_exited() {
                return Some((instance, Instant::now() + self.function.timeout));
            }
            self.discard(&instance);
        }
    }

    async fn until_stopped<T>(&self, what: impl Future<Output = T>) -> Result<T, FunctionError> {
        self.stopping.run_until_cancelled(what).await.ok_or_else(|| self.stopped())
    }

    /// Forgets an instance. The drop of the last reference kills it.
    fn discard(&self, instance: &Arc<Instance>) {
        self.lock().all.retain(|other| !Arc::ptr_eq(other, instance));
    }

    fn stopped(&self) -> FunctionError {
        FunctionError::new(format!("the function {:?} was stopped with its gateway", self.function.name))
    }

    fn lock(&self) -> MutexGuard<'_, Instances> {
        // Lists stay whole when somebody panics between two calls of their methods.
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
