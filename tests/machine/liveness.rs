use everwire::{Config, Effect, Input, PageEvent, Problem, State, Why};
use proptest::prelude::*;

use crate::scenario::{HOUR_MS, Scenario, message};

/// Interval 30 s, timeout 10 s; no end to its life, so that nothing else is due.
const CONFIG: Config = Config { max_life_ms: 0, ..Config::DEFAULT };

fn answered() -> Scenario {
    let mut scenario = Scenario::answered_with(CONFIG);
    scenario.pass(10_000);
    scenario.notify();
    scenario
}

/// Open, asked after an interval of silence.
fn asked() -> Scenario {
    let mut scenario = answered();
    scenario.pass_until_due();
    assert!(scenario.probed(scenario.generation()));
    scenario
}

/// Asked once more, since no answer has come.
fn asked_again() -> Scenario {
    let mut scenario = asked();
    scenario.pass_until_due();
    assert!(scenario.probed(scenario.generation()));
    scenario
}

#[test]
fn a_socket_is_asked_once_it_has_been_silent_for_the_interval() {
    let scenario = answered();
    assert_eq!(scenario.connection.deadline(), Some(scenario.now.plus(30_000)));
    assert!(asked().is_open());
}

#[test]
fn a_socket_that_brings_frames_is_never_asked() {
    let mut scenario = answered();
    for _ in 0..100 {
        scenario.pass(29_999);
        scenario.input(Input::Timeout);
        assert!(scenario.did_nothing());
        scenario.notify();
    }
}

#[test]
fn any_frame_is_an_answer() {
    let mut scenario = asked();
    scenario.pass(1_999);
    scenario.notify();
    assert_eq!(scenario.connection.deadline(), Some(scenario.now.plus(30_000)));
}

#[test]
fn a_frame_that_is_told_late_counts_from_when_it_came() {
    let mut scenario = answered();
    let came_at = scenario.now.plus(20_000);
    scenario.pass(30_000);
    scenario.input(Input::Received { generation: scenario.generation(), at: came_at, is_answer: false });
    scenario.input(Input::Timeout);
    assert!(scenario.did_nothing());
    assert_eq!(scenario.connection.deadline(), Some(came_at.plus(30_000)));
}

#[test]
fn a_socket_that_does_not_answer_is_abandoned_at_once() {
    let mut scenario = asked_again();
    let dead = scenario.generation();
    scenario.pass_until_due();
    assert_eq!(scenario.reported(), Some(Problem::HeartbeatUnanswered));
    assert_eq!(scenario.why(), Some(Why::Failed(Problem::HeartbeatUnanswered)));
    assert!(scenario.closed_socket(dead) && scenario.is_waiting());
    assert!(scenario.given_loss(1006).did_nothing(), "nobody waits for its close");
}

#[test]
fn sending_notices_that_the_answer_is_overdue_before_the_timer_does() {
    let mut scenario = asked_again();
    scenario.pass(10_000);
    let scenario = scenario.after(Input::Send(message(1)));
    assert!(scenario.is_waiting() && scenario.transmitted().is_empty());
    assert_eq!(scenario.connection.outbox().messages(), [message(1)]);
}

#[test]
fn messages_wait_once_an_answer_is_late() {
    let mut scenario = asked_again().after(Input::Send(message(1)));
    assert!(scenario.transmitted().is_empty());
    scenario.answer();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn a_socket_that_answers_soon_is_dead_after_two_fifths_of_the_timeout() {
    let mut scenario = asked();
    scenario.pass_awake(3_999);
    assert!(scenario.is_open());
    scenario.pass_awake(1);
    assert!(!scenario.is_open());
}

#[test]
fn a_socket_whose_answers_take_a_while_has_the_whole_timeout() {
    let mut scenario = asked();
    scenario.pass_awake(2_000);
    scenario.answer();
    scenario.pass_until_due();
    scenario.pass_awake(9_999);
    assert!(scenario.is_open());
    scenario.pass_awake(1);
    assert!(!scenario.is_open());
}

#[test]
fn a_new_socket_has_the_whole_timeout_until_it_has_answered_soon() {
    let mut scenario = answered().given_loss(1006);
    scenario.come_back();
    scenario.pass_awake(10_000);
    scenario.notify();
    scenario.pass_awake(39_999);
    assert!(scenario.is_open());
    scenario.pass_awake(1);
    assert!(!scenario.is_open());
}

#[test]
fn a_page_that_has_slept_gives_the_whole_timeout_until_it_has_an_answer_again() {
    let mut scenario = answered();
    scenario.pass(HOUR_MS);
    scenario.input(Input::Timeout);
    scenario.pass_awake(9_999);
    assert!(scenario.is_open());
    scenario.pass_awake(1);
    assert!(!scenario.is_open());
}

#[test]
fn a_page_that_sleeps_while_it_asks_again_asks_once_more() {
    let mut scenario = asked_again();
    scenario.pass(HOUR_MS);
    scenario.input(Input::Timeout);
    assert!(scenario.is_open() && scenario.probed(scenario.generation()));
    scenario.pass_until_due();
    assert!(!scenario.is_open());
}

#[test]
fn a_heartbeat_has_a_second_even_where_a_fifth_of_the_timeout_is_less() {
    let mut scenario = Scenario::answered_with(Config { heartbeat_timeout_ms: 3_000, ..CONFIG });
    scenario.pass_awake(31_999);
    assert!(scenario.is_open());
    scenario.pass_awake(1);
    assert!(!scenario.is_open());
}

#[test]
fn a_page_that_slept_asks_first_and_holds_messages_until_the_answer() {
    let mut scenario = answered();
    scenario.pass(HOUR_MS);
    let mut scenario = scenario.after(Input::Send(message(1)));
    assert!(scenario.probed(scenario.generation()) && scenario.transmitted().is_empty());
    scenario.answer();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn an_answer_whose_deadline_was_slept_through_is_asked_for_once_more() {
    let mut scenario = asked();
    scenario.pass(HOUR_MS);
    let mut scenario = scenario.after(Input::Timeout);
    assert!(scenario.probed(scenario.generation()) && scenario.is_open());
    scenario.answer();
    assert!(scenario.after(Input::Send(message(1))).transmitted() == [1]);
}

#[test]
fn a_socket_that_is_late_twice_is_dead() {
    let mut scenario = asked();
    for _ in 0..2 {
        assert!(scenario.is_open());
        scenario.pass(HOUR_MS);
        scenario.input(Input::Timeout);
    }
    assert!(scenario.is_waiting());
}

#[test]
fn a_server_that_has_never_answered_is_not_judged_by_its_silence() {
    let mut scenario = Scenario::open_with(CONFIG);
    let generation = scenario.generation();
    scenario.pass_awake(24 * HOUR_MS);
    assert!(scenario.is_open() && scenario.generation() == generation);
}

#[test]
fn a_server_that_has_never_answered_is_asked_only_so_often_that_the_service_does_not_hang_up() {
    let mut scenario = Scenario::open_with(CONFIG);
    assert!(scenario.probed(scenario.generation()), "once, to learn whether it answers");
    let mut probes = 0;
    let end = scenario.now.plus(HOUR_MS);
    while scenario.connection.deadline().unwrap() < end {
        scenario.pass_until_due();
        probes += u32::from(scenario.probed(scenario.generation()));
    }
    assert_eq!(probes, 7, "every eight minutes and ten seconds");
}

#[test]
fn a_server_that_must_answer_is_judged_from_the_start() {
    let mut scenario = Scenario::open_with(Config { heartbeat_required: 1, ..CONFIG });
    scenario.pass_awake(40_000);
    assert!(!scenario.is_open());
}

#[test]
fn messages_held_for_a_server_that_never_answers_go_after_the_timeout() {
    let scenario = Scenario::open_with(CONFIG).after(Input::Page(PageEvent::Resumed));
    let mut scenario = scenario.after(Input::Send(message(1)));
    assert!(scenario.transmitted().is_empty());
    scenario.pass_until_due();
    assert_eq!(scenario.transmitted(), [1]);
}

#[test]
fn a_hidden_page_is_asked_less_often() {
    let scenario = answered().after(Input::Page(PageEvent::Hidden));
    assert_eq!(scenario.connection.deadline(), Some(scenario.now.plus(240_000)));
}

#[test]
fn the_interval_never_comes_near_the_service_s_idle_limit() {
    let config = Config { heartbeat_ms: 3_000_000, idle_limit_ms: 100_000, ..CONFIG };
    let mut scenario = Scenario::answered_with(config);
    scenario.pass(10_000);
    scenario.notify();
    assert_eq!(scenario.connection.deadline(), Some(scenario.now.plus(80_000)));
}

#[test]
fn without_a_heartbeat_nothing_is_ever_asked() {
    let config = Config { heartbeat_ms: 0, ..CONFIG };
    let mut scenario = Scenario::open_with(config);
    let mut events = vec![PageEvent::Resumed, PageEvent::Offline, PageEvent::Visible, PageEvent::Shown];
    while let Some(event) = events.pop() {
        scenario.pass(HOUR_MS);
        scenario.input(Input::Page(event));
        assert!(scenario.did_nothing(), "{event:?}");
        scenario.input(Input::Timeout);
        assert!(!scenario.probed(scenario.generation()), "{event:?}");
    }
    assert_eq!(scenario.after(Input::Send(message(1))).transmitted(), [1]);
}

#[test]
fn news_are_wanted_at_once_only_while_an_answer_is_waited_for() {
    assert!(asked().connection.wants_news());
    assert!(!answered().connection.wants_news());
    for scenario in Scenario::in_each_state() {
        let is_asked = matches!(scenario.state(), State::Open(life) if life.probe.is_some());
        assert_eq!(scenario.connection.wants_news(), is_asked);
    }
}

proptest! {
    #[test]
    fn a_black_hole_is_found_within_interval_and_timeout(
        heartbeat_ms in 1..HOUR_MS, heartbeat_timeout_ms in 1..HOUR_MS, silent_after_ms in 0..HOUR_MS,
    ) {
        let config = Config { heartbeat_ms, heartbeat_timeout_ms, idle_limit_ms: 0, ..CONFIG };
        let mut scenario = Scenario::answered_with(config);
        scenario.pass(silent_after_ms);
        scenario.notify();
        scenario.pass_awake(heartbeat_ms);
        prop_assert!(scenario.is_open());
        scenario.pass_awake(heartbeat_timeout_ms);
        prop_assert!(!scenario.is_open());
    }

    #[test]
    fn after_any_sleep_no_message_goes_to_a_socket_that_may_be_a_corpse(asleep_ms in 40_000..100 * HOUR_MS) {
        let mut scenario = answered();
        scenario.pass(asleep_ms);
        let scenario = scenario.after(Input::Send(message(1)));
        prop_assert!(!scenario.effects.as_slice().iter().any(|effect| matches!(effect, Effect::Transmit(..))));
    }
}
