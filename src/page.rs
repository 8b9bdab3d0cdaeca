//! What the page that a client lives in goes through, and what that does to its connection.

use crate::backoff::Pace;
use crate::effect::Turn;
use crate::{Connection, State, Why};

/// Something that happens to the page. Browsers say these with the events named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageEvent {
    /// `online`: there may be a network again.
    Online,
    /// `offline`: there may be no network any more. A hint, never proof: a virtual adapter makes
    /// it lie both ways.
    Offline,
    /// `visibilitychange`: somebody looks at the page.
    Visible,
    /// `visibilitychange`: nobody looks at it.
    Hidden,
    /// `resume`: the page was frozen and runs again; what it believes of its socket is old.
    Resumed,
    /// `pagehide`, or being prerendered: the page is not there for the user. It may be kept
    /// (bfcache), but not with an open socket.
    Stored,
    /// `pageshow`, or activation after prerendering.
    Shown,
}

/// What is known of the page at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Whether the browser believes that it has a network.
    pub is_online: bool,
    /// Whether somebody looks.
    pub is_visible: bool,
    /// Whether it is there for the user at all, visible or not.
    pub is_shown: bool,
}

impl Page {
    /// A page as it usually is.
    pub const ORDINARY: Self = Self { is_online: true, is_visible: true, is_shown: true };

    pub(crate) fn note(&mut self, event: PageEvent) {
        match event {
            PageEvent::Online => self.is_online = true,
            PageEvent::Offline => self.is_online = false,
            PageEvent::Visible => self.is_visible = true,
            PageEvent::Hidden => self.is_visible = false,
            PageEvent::Resumed => {}
            PageEvent::Stored => self.is_shown = false,
            PageEvent::Shown => self.is_shown = true,
        }
    }
}

impl Connection {
    pub(crate) fn on_page(&mut self, turn: &mut Turn, event: PageEvent) {
        self.page.note(event);
        match event {
            PageEvent::Online => self.on_online(turn),
            PageEvent::Offline | PageEvent::Resumed => self.doubt(turn, 0, event == PageEvent::Resumed),
            PageEvent::Visible => {
                self.doubt(turn, self.config.heartbeat_timeout_ms, false);
                self.hurry(turn, Why::Visible);
            }
            PageEvent::Hidden => {}
            PageEvent::Stored => self.suspend(turn),
            PageEvent::Shown => match self.state {
                State::Suspended => self.come_back(turn),
                State::Closed
                | State::FetchingToken { .. }
                | State::Connecting { .. }
                | State::Open(_)
                | State::Waiting { .. } => self.doubt(turn, 0, true),
            },
        }
    }

    fn on_online(&mut self, turn: &mut Turn) {
        match self.state {
            // Begun without a network, so it will not come to anything.
            State::FetchingToken { .. } | State::Connecting { .. } => {
                self.close_sockets(turn);
                self.failures = 0;
                self.wait(turn, Pace::Soon, Why::Online);
            }
            State::Closed | State::Suspended | State::Open(_) | State::Waiting { .. } => {
                self.doubt(turn, 0, false);
                self.hurry(turn, Why::Online);
            }
        }
    }

    /// Ends a wait for want of a network or of somebody who looks.
    fn hurry(&mut self, turn: &mut Turn, why: Why) {
        match self.state {
            State::Waiting { is_firm: false, retry_at } => {
                let soon = turn.now.plus(self.delay_ms(Pace::Soon));
                if soon < retry_at {
                    self.enter(turn, State::Waiting { retry_at: soon, is_firm: false }, why);
                }
            }
            State::Waiting { is_firm: true, .. }
            | State::Closed
            | State::Suspended
            | State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Open(_) => {}
        }
    }

    fn suspend(&mut self, turn: &mut Turn) {
        match self.state {
            State::Closed | State::Suspended => {}
            State::FetchingToken { .. }
            | State::Connecting { .. }
            | State::Open(_)
            | State::Waiting { .. } => {
                if let State::Waiting { retry_at, is_firm: true } = self.state {
                    self.not_before = Some(retry_at);
                }
                self.close_sockets(turn);
                self.enter(turn, State::Suspended, Why::PageStored);
            }
        }
    }

    /// The page is shown again: a firm wait that it was stored in goes on.
    fn come_back(&mut self, turn: &mut Turn) {
        match self.not_before.take() {
            Some(retry_at) if turn.now < retry_at => {
                self.enter(turn, State::Waiting { retry_at, is_firm: true }, Why::PageShown);
            }
            Some(_) | None => self.begin_attempt(turn, Why::PageShown),
        }
    }
}
