//! What must hold of every world, each in a sentence.

use everwire::{Connection, Generation, Input, Millis, Spare, State, Token};
use stateright::Property;

use crate::world::{Fate, Phase, Walk, World};

/// What can be broken on the way from one world to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    CloseCloses,
    SocketWhereStateSaysSo,
    OpenSettlesWithTheTruth,
    OneEnd,
    OneFate,
    OrderKept,
    NothingStale,
    GreetingFirst,
    NothingToSuspects,
    OneHeartbeat,
    DrainEnds,
}

pub fn all() -> Vec<Property<Walk>> {
    let mut properties = sockets();
    properties.extend(promises());
    properties.extend(messages());
    properties.extend(clock());
    properties
}

fn sockets() -> Vec<Property<Walk>> {
    vec![
        Property::always("one socket, and two only in a hand-over", |_, world: &World| {
            let is_handing_over = spare_socket(&world.connection).is_some();
            world.sockets.len() <= 1 + usize::from(is_handing_over)
        }),
        Property::always("a socket only where the state says so", |_, world: &World| {
            let current = match world.connection.state() {
                State::Connecting { .. } | State::Open(_) => Some(world.connection.generation()),
                State::Closed | State::Suspended | State::FetchingToken { .. } | State::Waiting { .. } => {
                    None
                }
            };
            let mut expected = current.into_iter().chain(spare_socket(&world.connection));
            world.broken != Some(Rule::SocketWhereStateSaysSo)
                && (current.is_some() || world.sockets.is_empty())
                && expected.all(|generation| world.sockets.contains_key(&generation))
        }),
        Property::always("a stored page holds no socket", |_, world: &World| {
            !world.is_stored || world.sockets.is_empty()
        }),
        Property::always("close closes", |_, world: &World| world.broken != Some(Rule::CloseCloses)),
        Property::always("a closed connection holds nothing", |_, world: &World| {
            let connection = &world.connection;
            connection.state() != State::Closed
                || (connection.outbox().is_empty()
                    && connection.deadline().is_none()
                    && connection.spare() == Spare::None)
        }),
        Property::always("nothing but the app revives a closed connection", |_, world: &World| {
            world.is_wanted || world.connection.state() == State::Closed
        }),
        Property::always("an old socket is closed when it has drained", |walk, world: &World| {
            let latest = world.now.plus(walk.config.drain_ms);
            world.broken != Some(Rule::DrainEnds)
                && drains_until(&world.connection).is_none_or(|until| until <= latest)
        }),
        Property::always("late news change nothing", |_, world: &World| late_news_change_nothing(world)),
    ]
}

fn promises() -> Vec<Property<Walk>> {
    vec![
        Property::always("no promise of open waits in vain", |_, world: &World| {
            let may_wait = match world.connection.state() {
                State::Closed | State::Open(_) => false,
                State::Suspended
                | State::FetchingToken { .. }
                | State::Connecting { .. }
                | State::Waiting { .. } => true,
            };
            world.is_opening == world.connection.is_opening() && (may_wait || !world.is_opening)
        }),
        Property::always("open settles with the truth", |_, world: &World| {
            world.broken != Some(Rule::OpenSettlesWithTheTruth)
        }),
        Property::always("each life ends once", |_, world: &World| world.broken != Some(Rule::OneEnd)),
        Property::always("what was announced last is what is", |_, world: &World| {
            let is = world.connection.state();
            !world.queue.is_empty() || std::mem::discriminant(&world.told) == std::mem::discriminant(&is)
        }),
    ]
}

fn messages() -> Vec<Property<Walk>> {
    vec![
        Property::always("every message waits, or has one fate", |_, world: &World| {
            let waiting = world.connection.outbox().messages();
            let in_doubt = world.messages.values().filter(|fate| **fate == Fate::InDoubt).count();
            world.broken != Some(Rule::OneFate)
                && in_doubt == waiting.len()
                && waiting.iter().all(|message| world.messages.get(&message.id) == Some(&Fate::InDoubt))
        }),
        Property::always("messages keep their order on a socket", |_, world: &World| {
            world.broken != Some(Rule::OrderKept)
        }),
        Property::always("no message waits where a socket would take it", |_, world: &World| {
            let takes = matches!(world.connection.state(), State::Open(life) if life.takes_messages());
            !takes || world.connection.outbox().is_empty()
        }),
        Property::always("the outbox keeps its bounds", |walk, world: &World| {
            let outbox = world.connection.outbox();
            outbox.messages().len() <= walk.config.max_queued_messages as usize
                && outbox.bytes() <= u64::from(walk.config.max_queued_bytes)
        }),
        Property::always("no message goes that is worth nothing any more", |_, world: &World| {
            world.broken != Some(Rule::NothingStale)
        }),
        Property::always("nothing goes before the greeting", |_, world: &World| {
            world.broken != Some(Rule::GreetingFirst)
        }),
        Property::always("no message goes to a socket that is suspect", |_, world: &World| {
            world.broken != Some(Rule::NothingToSuspects)
        }),
    ]
}

fn clock() -> Vec<Property<Walk>> {
    vec![
        Property::always("no state without a way out", |walk, world: &World| has_a_way_out(walk, world)),
        Property::always("a timer that fires is not due again at once", |_, world: &World| {
            comes_to_rest(world)
        }),
        Property::always("an early timeout is harmless", |_, world: &World| {
            let mut connection = world.connection.clone();
            match connection.deadline() {
                Some(due) if due > world.now => {
                    let effects = connection.handle(due.minus(1), Input::Timeout);
                    effects.as_slice().is_empty() && connection == world.connection
                }
                Some(_) | None => true,
            }
        }),
        Property::always("a black hole is left within interval and timeout", |walk, world: &World| {
            !is_judged(walk, world) || !stays_in_a_black_hole(walk, world)
        }),
        Property::always("one heartbeat at a time", |_, world: &World| {
            world.broken != Some(Rule::OneHeartbeat)
        }),
        Property::sometimes("a connection is open", |_, world: &World| {
            matches!(world.connection.state(), State::Open(_))
        }),
    ]
}

fn spare_socket(connection: &Connection) -> Option<Generation> {
    match connection.spare() {
        Spare::None | Spare::Waiting { .. } | Spare::FetchingToken { .. } => None,
        Spare::Connecting { generation, .. }
        | Spare::Proving { generation, .. }
        | Spare::Draining { generation, .. } => Some(generation),
    }
}

pub fn drains_until(connection: &Connection) -> Option<Millis> {
    match connection.spare() {
        Spare::Draining { until, .. } => Some(until),
        Spare::None
        | Spare::Waiting { .. }
        | Spare::FetchingToken { .. }
        | Spare::Connecting { .. }
        | Spare::Proving { .. } => None,
    }
}

/// Everything that could still come from an attempt that is over, or could come twice.
fn late_news_change_nothing(world: &World) -> bool {
    let mut connection = world.connection.clone();
    let newest = spare_socket(&connection).unwrap_or_default().max(connection.generation());
    (0..=newest.0).map(Generation).all(|generation| {
        late_news(world, generation)
            .into_iter()
            .flatten()
            .all(|late| connection.handle(world.now, late).as_slice().is_empty())
    }) && connection == world.connection
}

fn late_news(world: &World, generation: Generation) -> [Option<Input>; 9] {
    let token = Token::default();
    let wire = world.sockets.get(&generation);
    let has_token = !world.connection.awaits_token(generation);
    let is_gone = wire.is_none();
    let is_open = wire.is_none_or(|wire| wire.phase != Phase::Connecting);
    // A greeting that was asked for and whose effect still waits in the queue is not late.
    let has_greeted = wire.is_none_or(|wire| wire.is_greeted);
    [
        has_token.then_some(Input::TokenReady(generation, token)),
        has_token.then_some(Input::TokenFailed(generation)),
        has_token.then_some(Input::TokenDenied(generation)),
        is_open.then_some(Input::SocketOpened(generation)),
        is_open.then_some(Input::SocketRefused(generation)),
        is_gone.then_some(Input::SocketClosed(generation, 4403)),
        is_gone.then_some(Input::Received { generation, at: world.now, is_answer: true }),
        has_greeted.then_some(Input::Greeted(generation)),
        has_greeted.then_some(Input::GreetingFailed(generation)),
    ]
}

/// Left alone, with a timer that is on time, a connection leaves each state that waits for
/// something, and each step of a hand-over.
fn has_a_way_out(walk: &Walk, world: &World) -> bool {
    let begun = &world.connection;
    let must_leave = match begun.state() {
        // Only the app leads out of the first, only the page out of the second.
        State::Closed | State::Suspended => return true,
        // A server that is silent for ever is left; one that need not answer may be.
        State::Open(life) => {
            if is_judged(walk, world) && begun.deadline().is_none() {
                return false;
            }
            life.greet_by.is_some() || life.probe.is_some() || life.is_suspect || begun.spare() != Spare::None
        }
        State::FetchingToken { .. } | State::Connecting { .. } | State::Waiting { .. } => true,
    };
    let mut connection = begun.clone();
    let mut now = world.now;
    let has_left = |connection: &Connection| match (begun.state(), connection.state()) {
        (State::Open(before), State::Open(after)) => {
            connection.generation() != begun.generation()
                || (before.greet_by, before.probe, begun.spare())
                    != (after.greet_by, after.probe, connection.spare())
        }
        (before, after) => before != after,
    };
    !must_leave
        || (0..6).any(|_| {
            let Some(due) = connection.deadline() else { return false };
            now = now.max(due);
            connection.handle(now, Input::Timeout);
            has_left(&connection)
        })
}

/// What is due now is done by a few timeouts, after which nothing is due for a while.
fn comes_to_rest(world: &World) -> bool {
    let mut connection = world.connection.clone();
    let Some(due) = connection.deadline() else { return true };
    let now = due.max(world.now);
    (0..4).any(|_| {
        connection.handle(now, Input::Timeout);
        connection.deadline().is_none_or(|due| due > now)
    })
}

/// Whether silence means that a socket is dead.
pub fn is_judged(walk: &Walk, world: &World) -> bool {
    walk.config.heartbeat_ms > 0 && (world.has_answered || walk.config.heartbeat_required != 0)
}

fn stays_in_a_black_hole(walk: &Walk, world: &World) -> bool {
    let patience_ms = walk.config.heartbeat_ms + walk.config.heartbeat_timeout_ms;
    let current = world.sockets.get(&world.connection.generation());
    current.is_some_and(|wire| {
        let is_watched = wire.is_black && wire.is_greeted && !wire.has_slept;
        let end = wire.heard_at.plus(patience_ms);
        is_watched && world.connection.deadline().is_none_or(|due| due.max(world.now) > end)
    })
}
