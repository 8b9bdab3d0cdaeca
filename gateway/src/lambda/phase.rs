//! Where an instance is, from its Runtime API's view.
//!
//! ```text
//!             next                begin                response, error
//! Started ──────────▶ Ready ──────────────▶ Running ──────────────────▶ ResponseSent
//!    │                  ▲                                                    │
//!    │ init error       └────────────────────────────────────────────────────┘
//!    ▼                                              next
//! InitError
//! ```

use axum::body::Bytes;
use tokio::sync::{oneshot, watch};

use super::invocation::{Answer, Invocation};

enum Phase {
    /// It has not asked for an event yet.
    Started,
    /// It cannot start, and has reported why.
    InitError(Bytes),
    Ready,
    Running(Invocation, oneshot::Sender<Answer>),
    ResponseSent {
        request_id: String,
    },
}

impl Phase {
    /// AWS's names, which its error texts show. [C]
    fn name(&self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::InitError(_) => "InitError",
            Self::Ready => "Ready",
            Self::Running(..) => "Running",
            Self::ResponseSent { .. } => "RuntimeResponseSentState",
        }
    }

    /// Whether an answer may be for this invocation.
    fn is_of(&self, request_id: &str) -> bool {
        match self {
            Self::Running(invocation, _) => invocation.request_id == request_id,
            Self::ResponseSent { request_id: answered } => answered == request_id,
            Self::Started | Self::InitError(_) | Self::Ready => false,
        }
    }

    fn not_to(&self, to: &'static str) -> NotAllowed {
        NotAllowed::Transition { from: self.name(), to }
    }
}

/// Why nothing changes.
pub(super) enum NotAllowed {
    /// It is not about the invocation under way.
    RequestId,
    /// There is no such arrow.
    Transition { from: &'static str, to: &'static str },
}

/// The phase of one instance, and everybody who waits for the next one.
pub(super) struct Phases(watch::Sender<Phase>);

impl Phases {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Phase::Started))
    }

    /// Waits until the instance asks for an event, or reports that it cannot start.
    pub(super) async fn ready(&self) -> Result<(), Bytes> {
        let mut phase = self.0.subscribe();
        let reached = phase.wait_for(|phase| matches!(phase, Phase::Ready | Phase::InitError(_))).await;
        match reached.as_deref() {
            Ok(Phase::InitError(report)) => Err(report.clone()),
            _ => Ok(()),
        }
    }

    /// Gives a ready instance an event. What it answers comes through the receiver.
    pub(super) fn begin(&self, invocation: Invocation) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        self.0.send_replace(Phase::Running(invocation, answer));
        answered
    }

    /// The instance asks for an event, and waits for it.
    pub(super) async fn next(&self) -> Result<Invocation, NotAllowed> {
        self.change(|phase| match phase {
            Phase::Started | Phase::ResponseSent { .. } => Ok(Some(Phase::Ready)),
            // Asked again, for the first answer was lost: it is the same event again.
            Phase::Ready | Phase::Running(..) => Ok(None),
            Phase::InitError(_) => Err(phase.not_to("Ready")),
        })?;
        let mut phase = self.0.subscribe();
        match phase.wait_for(|phase| matches!(phase, Phase::Running(..))).await.as_deref() {
            Ok(Phase::Running(invocation, _)) => Ok(invocation.clone()),
            // The sender is `self`, so it cannot be gone.
            _ => Err(NotAllowed::Transition { from: "Ready", to: "Running" }),
        }
    }

    /// The instance cannot start.
    pub(super) fn init_error(&self, report: Bytes) -> Result<(), NotAllowed> {
        self.change(|phase| match phase {
            Phase::Started => Ok(Some(Phase::InitError(report))),
            _ => Err(phase.not_to("InitError")),
        })
        .map(drop)
    }

    /// Whether an answer may be for this invocation.
    pub(super) fn check(&self, request_id: &str) -> Result<(), NotAllowed> {
        if self.0.borrow().is_of(request_id) { Ok(()) } else { Err(NotAllowed::RequestId) }
    }

    /// Hands an answer on, if it is the first one. `to` is AWS's name for what this would be.
    pub(super) fn answer(
        &self,
        request_id: &str,
        answer: Answer,
        to: &'static str,
    ) -> Result<(), NotAllowed> {
        // Checked again: while this answer was being received, another one may have been quicker.
        let before = self.change(|phase| match phase {
            _ if !phase.is_of(request_id) => Err(NotAllowed::RequestId),
            Phase::Running(..) => Ok(Some(Phase::ResponseSent { request_id: request_id.to_owned() })),
            _ => Err(phase.not_to(to)),
        })?;
        if let Some(Phase::Running(_, waiting)) = before {
            // Nobody waits any more if the invocation has just timed out; then the instance is about to be killed.
            drop(waiting.send(answer));
        }
        Ok(())
    }

    /// Changes the phase to what `to` says, if it says one, in one step. Gives the phase before.
    fn change(
        &self,
        to: impl FnOnce(&Phase) -> Result<Option<Phase>, NotAllowed>,
    ) -> Result<Option<Phase>, NotAllowed> {
        let mut result = Ok(None);
        self.0.send_if_modified(|phase| {
            result = to(phase).map(|next| next.map(|next| std::mem::replace(phase, next)));
            matches!(result, Ok(Some(_)))
        });
        result
    }
}
