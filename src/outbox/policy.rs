//! When to try again, and when to stop: a pure function of policy, attempt, answer, clock and chance.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::client::{Answer, Failure, Held, RetryAfter};

/// How patient the outbox is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The longest wait after the first attempt; it doubles with each attempt.
    pub base: Duration,
    /// No wait that we choose is longer.
    pub cap: Duration,
    /// No wait at all is shorter, whatever chance or the receiver says.
    pub floor: Duration,
    /// No wait that a receiver asks for is longer.
    pub retry_after_cap: Duration,
    /// After so many attempts a person has to look.
    pub max_attempts: u32,
}

impl Default for Policy {
    /// About two days before a person has to look.
    fn default() -> Self {
        Policy {
            base: Duration::from_secs(5),
            cap: Duration::from_secs(3600),
            floor: Duration::from_millis(500),
            retry_after_cap: Duration::from_secs(6 * 3600),
            max_attempts: 100,
        }
    }
}

/// What an attempt leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Delivered { location: Option<String>, reason: String },
    Retry { at: Timestamp, reason: String },
    Parked { reason: String },
}

impl Verdict {
    /// What happened, in words without a value of the patient.
    pub fn reason(&self) -> &str {
        match self {
            Verdict::Delivered { reason, .. } | Verdict::Retry { reason, .. } | Verdict::Parked { reason } => reason,
        }
    }
}

/// What an answer means, before patience is weighed.
enum Meaning {
    Done(&'static str),
    /// Waits as long as asked, or as the backoff says.
    Again(String, Option<RetryAfter>),
    Never(String),
}

/// The verdict on attempt `attempt` (from 1). `chance` in 0..=1 spreads the waits (full jitter).
pub fn verdict(policy: &Policy, attempt: u32, answer: &Answer, now: Timestamp, chance: f64) -> Verdict {
    match meaning(answer) {
        Meaning::Done(reason) => Verdict::Delivered { location: location(answer), reason: reason.into() },
        Meaning::Never(reason) => Verdict::Parked { reason },
        Meaning::Again(reason, _) if attempt >= policy.max_attempts => {
            Verdict::Parked { reason: format!("given up after {attempt} attempts: {reason}") }
        }
        Meaning::Again(reason, asked) => {
            let wait = match asked {
                Some(asked) => until(asked, now).min(policy.retry_after_cap),
                None => backoff(policy, attempt, chance),
            };
            let wait = SignedDuration::try_from(wait.max(policy.floor)).unwrap_or(SignedDuration::MAX);
            let at = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            Verdict::Retry { at, reason }
        }
    }
}

fn meaning(answer: &Answer) -> Meaning {
    let (status, fhir, retry_after, held) = match answer {
        Answer::None(failure @ Failure::Address(_)) => return Meaning::Never(failure.text().into()),
        Answer::None(failure) => return Meaning::Again(failure.text().into(), None),
        Answer::Status { status, fhir, retry_after, held, .. } => (*status, *fhir, *retry_after, *held),
    };
    match (status, held) {
        (200..=202, _) if !fhir => {
            Meaning::Again(format!("answered {status}, but not as a FHIR server does"), retry_after)
        }
        (200, _) => Meaning::Done("the receiver held it already"),
        (201, _) => Meaning::Done("the receiver stored it"),
        (202, _) => Meaning::Done("the receiver accepted it"),
        (409, Held::Yes | Held::CannotSay) => Meaning::Done("the receiver has this identifier already"),
        (409, Held::No | Held::NotAsked) => {
            Meaning::Again("answered 409, and does not confirm that it holds the document".into(), retry_after)
        }
        (412, _) => Meaning::Never("the receiver holds several documents with this identifier (412)".into()),
        (408 | 425 | 429, _) => Meaning::Again(format!("answered {status}"), retry_after),
        (300..=399, _) => Meaning::Never(format!("answered {status}: redirects are not followed")),
        (400..=499, _) => Meaning::Never(format!("refused with {status}")),
        _ => Meaning::Again(format!("answered {status}"), retry_after),
    }
}

fn location(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Status { location, .. } => location.clone(),
        Answer::None(_) => None,
    }
}

/// A date that has passed asks for no wait.
fn until(asked: RetryAfter, now: Timestamp) -> Duration {
    match asked {
        RetryAfter::In(wait) => wait,
        RetryAfter::At(date) => Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO),
    }
}

/// Full jitter: anything between nothing and the doubled base, never above the cap.
fn backoff(policy: &Policy, attempt: u32, chance: f64) -> Duration {
    let doubled = policy.base.checked_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    doubled.unwrap_or(policy.cap).min(policy.cap).mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-03-01T22:15:00Z".parse().expect("a timestamp")
    }

    fn status(status: u16) -> Answer {
        Answer::Status { status, fhir: true, retry_after: None, location: None, held: Held::NotAsked }
    }

    fn verdict_on(answer: &Answer) -> Verdict {
        verdict(&Policy::default(), 1, answer, now(), 0.5)
    }

    #[derive(Debug, PartialEq)]
    enum End {
        Delivered,
        Retry,
        Parked,
    }

    fn end(verdict: &Verdict) -> End {
        match verdict {
            Verdict::Delivered { .. } => End::Delivered,
            Verdict::Retry { .. } => End::Retry,
            Verdict::Parked { .. } => End::Parked,
        }
    }

    #[test]
    fn every_status_has_its_meaning() {
        for code in 100..=599 {
            let expected = match code {
                200..=202 => End::Delivered,
                408 | 409 | 425 | 429 => End::Retry,
                300..=499 => End::Parked,
                _ => End::Retry,
            };
            assert_eq!(end(&verdict_on(&status(code))), expected, "{code}");
        }
    }

    #[test]
    fn a_conflict_is_delivered_only_when_the_receiver_has_it() {
        let conflict = |held| Answer::Status { status: 409, fhir: true, retry_after: None, location: None, held };
        assert_eq!(end(&verdict_on(&conflict(Held::Yes))), End::Delivered);
        assert_eq!(end(&verdict_on(&conflict(Held::CannotSay))), End::Delivered);
        assert_eq!(end(&verdict_on(&conflict(Held::No))), End::Retry);
        assert_eq!(end(&verdict_on(&conflict(Held::NotAsked))), End::Retry);
    }

    #[test]
    fn a_login_page_is_no_acknowledgement() {
        let page = Answer::Status { status: 200, fhir: false, retry_after: None, location: None, held: Held::NotAsked };
        assert_eq!(end(&verdict_on(&page)), End::Retry);
    }

    #[test]
    fn an_address_that_is_not_allowed_is_not_tried_again() {
        let refused = Answer::None(Failure::Address(crate::client::AddressError::ForbiddenAddress));
        assert_eq!(end(&verdict_on(&refused)), End::Parked);
    }

    fn failures() -> impl Strategy<Value = Answer> {
        prop_oneof![
            prop_oneof![Just(Failure::Connect), Just(Failure::Tls), Just(Failure::Timeout), Just(Failure::Torn)]
                .prop_map(Answer::None),
            (prop_oneof![Just(408_u16), Just(425), Just(429), 500_u16..600], any::<Option<u64>>(), any::<bool>())
                .prop_map(|(status, wait, fhir)| Answer::Status {
                    status,
                    fhir,
                    retry_after: wait.map(|seconds| RetryAfter::In(Duration::from_secs(seconds))),
                    location: None,
                    held: Held::NotAsked,
                }),
            any::<i32>().prop_map(|seconds| Answer::Status {
                status: 503,
                fhir: true,
                retry_after: Some(RetryAfter::At(
                    now().saturating_add(SignedDuration::from_secs(seconds.into())).expect("in range")
                )),
                location: None,
                held: Held::NotAsked,
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_the_floor_nor_longer_than_its_cap(
            answer in failures(), attempt in 1_u32..200, chance in 0.0_f64..=1.0,
        ) {
            let policy = Policy::default();
            match verdict(&policy, attempt, &answer, now(), chance) {
                Verdict::Retry { at, .. } => {
                    prop_assert!(attempt < policy.max_attempts);
                    let wait = Duration::try_from(at.duration_since(now())).expect("not in the past");
                    let asked = matches!(answer, Answer::Status { retry_after: Some(_), .. });
                    let cap = if asked { policy.retry_after_cap } else { policy.cap };
                    prop_assert!(wait >= policy.floor && wait <= cap);
                }
                Verdict::Parked { .. } => prop_assert!(attempt >= policy.max_attempts),
                Verdict::Delivered { .. } => prop_assert!(false, "a failure is no delivery"),
            }
        }

        #[test]
        fn a_receiver_that_says_when_is_not_asked_before(seconds in 1_u64..20_000, chance in 0.0_f64..=1.0) {
            let policy = Policy::default();
            let answer = Answer::Status {
                status: 429, fhir: true, location: None, held: Held::NotAsked,
                retry_after: Some(RetryAfter::In(Duration::from_secs(seconds))),
            };
            let Verdict::Retry { at, .. } = verdict(&policy, 1, &answer, now(), chance) else {
                return Err(TestCaseError::fail("429 is tried again"));
            };
            prop_assert_eq!(at.duration_since(now()).as_secs(), i64::try_from(seconds).expect("small"));
        }

        #[test]
        fn what_is_delivered_stays_delivered_however_often_it_was_tried(attempt in 1_u32..10_000) {
            let delivered = verdict(&Policy::default(), attempt, &status(201), now(), 1.0);
            prop_assert_eq!(end(&delivered), End::Delivered);
        }

        #[test]
        fn the_longest_wait_doubles_until_the_cap(attempt in 1_u32..60) {
            let policy = Policy::default();
            let (this, next) = (backoff(&policy, attempt, 1.0), backoff(&policy, attempt + 1, 1.0));
            prop_assert!(next == this * 2 || next == policy.cap);
        }
    }
}
